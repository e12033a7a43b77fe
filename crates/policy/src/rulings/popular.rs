//! Names that others like to be mistaken for.

use crate::SubjectComponent;

/// Widely used names by purl type; those that are near each other are all here, so that none is taken for the other.
const POPULAR: [(&str, &[&str]); 3] = [
    (
        "npm",
        &[
            "angular",
            "async",
            "axios",
            "babel",
            "bcrypt",
            "bcryptjs",
            "bluebird",
            "body-parser",
            "chalk",
            "colors",
            "commander",
            "cookie",
            "cookies",
            "cross-env",
            "debug",
            "discord.js",
            "dotenv",
            "electron",
            "eslint",
            "ethers",
            "express",
            "fs-extra",
            "jquery",
            "jsonwebtoken",
            "lodash",
            "minimist",
            "moment",
            "mongoose",
            "morgan",
            "mysql",
            "mysql2",
            "nodemailer",
            "nodemon",
            "passport",
            "preact",
            "prettier",
            "prop-types",
            "react",
            "react-dom",
            "redis",
            "redux",
            "request",
            "rimraf",
            "semver",
            "socket.io",
            "typescript",
            "underscore",
            "webpack",
            "yargs",
        ],
    ),
    (
        "pypi",
        &[
            "beautifulsoup4",
            "boto3",
            "botocore",
            "certifi",
            "cryptography",
            "django",
            "fastapi",
            "flask",
            "idna",
            "jinja2",
            "matplotlib",
            "numpy",
            "openai",
            "opencv-python",
            "pandas",
            "pillow",
            "psutil",
            "pydantic",
            "pytest",
            "python-dateutil",
            "pyyaml",
            "requests",
            "scikit-learn",
            "scipy",
            "selenium",
            "setuptools",
            "sqlalchemy",
            "tensorflow",
            "torch",
            "urllib3",
        ],
    ),
    (
        "cargo",
        &[
            "anyhow",
            "chrono",
            "futures",
            "hyper",
            "itertools",
            "libc",
            "rand",
            "rayon",
            "regex",
            "reqwest",
            "rustls",
            "serde",
            "serde_json",
            "syn",
            "thiserror",
            "tokio",
            "tracing",
        ],
    ),
];

/// Names shorter than this are near too many others to say anything.
const SHORTEST: usize = 5;

/// The popular name that the component's is one letter away from.
pub(crate) fn looks_like(component: &SubjectComponent<'_>) -> Option<&'static str> {
    let kind = component.purl?.strip_prefix("pkg:")?.split('/').next()?;
    let (_, names) = POPULAR.iter().find(|(known, _)| *known == kind)?;
    if names.contains(&component.name) {
        return None;
    }
    names
        .iter()
        .filter(|name| name.len() >= SHORTEST)
        .find(|name| is_one_off(component.name, name))
        .copied()
}

/// One letter more, less or other, or two neighbours exchanged.
fn is_one_off(name: &str, popular: &str) -> bool {
    let (a, b) = (name.as_bytes(), popular.as_bytes());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(front..).unwrap_or_default(),
        b.get(front..).unwrap_or_default(),
    );
    let rest = |bytes: &[u8], skipped: usize| bytes.get(skipped..).map(<[u8]>::to_vec);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Greater => rest(a, 1) == rest(b, 0),
        std::cmp::Ordering::Less => rest(a, 0) == rest(b, 1),
        std::cmp::Ordering::Equal if a.is_empty() => false,
        std::cmp::Ordering::Equal => {
            let exchanged =
                a.len() > 1 && a.first() == b.get(1) && a.get(1) == b.first() && rest(a, 2) == rest(b, 2);
            exchanged || rest(a, 1) == rest(b, 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_off;

    #[test]
    fn one_letter_is_near_and_two_are_not() {
        for (name, popular, near) in [
            ("lodahs", "lodash", true),
            ("lodas", "lodash", true),
            ("lodashs", "lodash", true),
            ("lodath", "lodash", true),
            ("lodash", "lodash", false),
            ("ldahs", "lodash", false),
            ("expres", "express", true),
            ("xepress", "express", true),
            ("a", "express", false),
        ] {
            assert_eq!(is_one_off(name, popular), near, "{name} {popular}");
        }
    }
}
