//! Addresses of license texts that stand for one license.

use crate::{Term, catalogue};

/// Addresses without scheme, `www.` and file ending, in lower case, whose last part is not itself an id.
const ADDRESSES: &[(&str, &str)] = &[
    ("boost.org/license_1_0", "BSL-1.0"),
    ("creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"),
    ("eclipse.org/legal/epl-v10", "EPL-1.0"),
    ("eclipse.org/legal/epl-v20", "EPL-2.0"),
    ("eclipse.org/org/documents/epl-v10", "EPL-1.0"),
    ("eclipse.org/org/documents/edl-v10", "BSD-3-Clause"),
    ("mozilla.org/en-us/mpl/2.0", "MPL-2.0"),
    ("mozilla.org/mpl/2.0", "MPL-2.0"),
    ("opensource.org/license/mit-license", "MIT"),
    ("opensource.org/licenses/apache2.0", "Apache-2.0"),
    ("opensource.org/licenses/isc-license", "ISC"),
    ("opensource.org/licenses/mit-license", "MIT"),
    ("unlicense.org", "Unlicense"),
    ("wtfpl.net", "WTFPL"),
];

/// Folders whose entries are named by an id, with what stands before the id there.
const FOLDERS: &[(&str, &str)] = &[
    ("apache.org/licenses/license-", "Apache-"),
    ("choosealicense.com/licenses/", ""),
    ("creativecommons.org/licenses/", "CC-"),
    ("gnu.org/licenses/", ""),
    ("gnu.org/licenses/old-licenses/", ""),
    ("opensource.org/license/", ""),
    ("opensource.org/licenses/", ""),
    ("spdx.org/licenses/", ""),
];

/// The license at an address. `Some(None)` is an address of no known license; `None` is no address.
pub(crate) fn license(text: &str) -> Option<Option<Term>> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    let (address, has_scheme) = match text.split_once("://") {
        Some(("http" | "https", rest)) => (rest, true),
        Some(_) => return Some(None),
        None => (text, false),
    };
    let found = at(&clean(address));
    (has_scheme || found.is_some()).then_some(found)
}

fn clean(address: &str) -> String {
    let lower = address.to_ascii_lowercase();
    let path = lower
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    let path = path.strip_prefix("www.").unwrap_or(path);
    let endings = [".txt", ".html", ".htm", ".php", ".json"];
    let ending = endings.iter().find_map(|ending| path.strip_suffix(ending));
    ending.unwrap_or(path).to_owned()
}

fn at(address: &str) -> Option<Term> {
    if let Some((_, id)) = ADDRESSES.iter().find(|(known, _)| *known == address) {
        return catalogue::license(id).map(|id| Term::listed(id, false));
    }
    FOLDERS
        .iter()
        .filter_map(|(folder, before)| Some((address.strip_prefix(folder)?, before)))
        .find_map(|(name, before)| catalogue::license(&format!("{before}{}", name.replace('/', "-"))))
        .map(|id| Term::listed(id, false))
}
