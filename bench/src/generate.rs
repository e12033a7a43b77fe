//! `CycloneDX` 1.6 documents of any size from real package versions.
//!
//! The graph is shaped like those of real products: about thirty direct dependencies, each component needed by one
//! that stands before it, and some shared by several. It has no cycle, and the root leads to everything.

use serde_json::{Value, json};

use crate::Failure;
use crate::arguments::GenerateOptions;
use crate::catalogue::{self, PackageVersion};
use crate::random::Random;

/// How many components the root itself depends on.
const DIRECT: usize = 30;

/// One component in this many is needed by a second one too.
const SHARED_ONE_IN: usize = 3;

const LICENSES: [&str; 6] = [
    "MIT",
    "Apache-2.0",
    "ISC",
    "BSD-3-Clause",
    "MIT OR Apache-2.0",
    "MPL-2.0",
];

/// The document with these packages; `seed` determines everything else in it.
pub fn document(packages: &[PackageVersion], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let components: Vec<Value> = packages
        .iter()
        .map(|package| component(package, &mut random))
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", uuid::Uuid::from_u128(u128::from(random.next()))),
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "plumbline-bench"}]},
            "component": {"type": "application", "bom-ref": "root", "name": "bench", "version": "1.0.0"},
        },
        "components": components,
        "dependencies": dependencies(packages, &mut random),
    });
    document.to_string().into_bytes()
}

/// Writes one document and says what it is.
pub fn write(options: &GenerateOptions) -> Result<String, Failure> {
    let catalogue = catalogue::shuffled(options.shape.seed)?;
    let packages = slice(&catalogue, 0, options.shape.components)?;
    let document = document(packages, options.shape.seed);
    std::fs::write(&options.out, &document)?;
    Ok(format!(
        "{}: {} components, {} bytes",
        options.out.display(),
        packages.len(),
        document.len()
    ))
}

/// The packages of one round: `count` of them, none of which an earlier round has.
pub fn slice(catalogue: &[PackageVersion], round: usize, count: usize) -> Result<&[PackageVersion], Failure> {
    let start = round * count;
    catalogue.get(start..start + count).ok_or_else(|| {
        let rounds = catalogue.len() / count.max(1);
        format!(
            "{} package versions are known: enough for {rounds} rounds of {count}",
            catalogue.len()
        )
        .into()
    })
}

fn component(package: &PackageVersion, random: &mut Random) -> Value {
    let license = LICENSES[random.below(LICENSES.len())];
    json!({
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "licenses": [{"expression": license}],
        "hashes": [{"alg": "SHA-256", "content": random.hex(32)}],
    })
}

fn dependencies(packages: &[PackageVersion], random: &mut Random) -> Vec<Value> {
    let direct = packages.len().min(DIRECT);
    let mut children: Vec<Vec<&str>> = vec![Vec::new(); packages.len()];
    for (position, package) in packages.iter().enumerate().skip(direct) {
        children[random.below(position)].push(&package.purl);
        if random.below(SHARED_ONE_IN) == 0 {
            children[random.below(position)].push(&package.purl);
        }
    }
    let root: Vec<&str> = packages
        .iter()
        .take(direct)
        .map(|package| package.purl.as_str())
        .collect();
    let mut nodes = vec![json!({"ref": "root", "dependsOn": root})];
    for (package, mut wanted) in packages.iter().zip(children) {
        wanted.dedup();
        nodes.push(json!({"ref": package.purl, "dependsOn": wanted}));
    }
    nodes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn read(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    fn targets(node: &Value) -> impl Iterator<Item = &str> {
        node["dependsOn"]
            .as_array()
            .unwrap()
            .iter()
            .map(|target| target.as_str().unwrap())
    }

    #[test]
    fn the_root_leads_to_every_component() {
        let catalogue = catalogue::shuffled(1).unwrap();
        let packages = slice(&catalogue, 0, 9_056).unwrap();
        let document = read(&document(packages, 1));
        let nodes = document["dependencies"].as_array().unwrap();
        let needed: HashSet<&str> = nodes.iter().flat_map(targets).collect();
        assert_eq!(targets(&nodes[0]).count(), DIRECT);
        assert_eq!(
            needed.len(),
            9_056,
            "parents stand before their children, so needed means reached"
        );
        assert!(nodes.iter().flat_map(targets).count() > 11_000, "some are shared");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
        let catalogue = catalogue::shuffled(2).unwrap();
        let packages = slice(&catalogue, 0, 100).unwrap();
        assert_eq!(document(packages, 5), document(packages, 5));
        assert_ne!(document(packages, 5), document(packages, 6));
    }

    #[test]
    fn rounds_share_nothing_and_end_with_the_catalogue() {
        let catalogue = catalogue::shuffled(2).unwrap();
        let first: HashSet<_> = slice(&catalogue, 0, 1_000)
            .unwrap()
            .iter()
            .map(|package| &package.purl)
            .collect();
        let second = slice(&catalogue, 1, 1_000).unwrap();
        assert!(second.iter().all(|package| !first.contains(&package.purl)));
        let refusal = slice(&catalogue, 1_000_000, 1_000).unwrap_err().to_string();
        assert!(refusal.contains("enough for"), "{refusal}");
    }
}
