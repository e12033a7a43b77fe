//! CRAN and Bioconductor, and what else has versions of numbers alone.

use std::borrow::Cow;

use crate::encode::KeyBytes;
use crate::number::Number;
use crate::{Ecosystem, MAX_VERSION_LENGTH, Step, UnparseableVersion, VersionKey, semver};

/// More numbers than any real version has.
const MAX_NUMBERS: usize = 32;
const END: u8 = 0x00;

/// A registry whose versions are numbers, of which a longer row comes after its beginning.
pub struct Dotted {
    name: &'static str,
    purl_type: &'static str,
    separators: &'static [char],
}

pub static CRAN: Dotted = Dotted::new("CRAN", "cran", &['.', '-']);

pub static BIOCONDUCTOR: Dotted = Dotted::new("Bioconductor", "bioconductor", &['.', '-']);

impl Dotted {
    pub(crate) const fn new(
        name: &'static str,
        purl_type: &'static str,
        separators: &'static [char],
    ) -> Self {
        Self {
            name,
            purl_type,
            separators,
        }
    }

    fn numbers(&self, version: &str) -> Option<Vec<Number>> {
        let text = version.trim();
        if text.len() > MAX_VERSION_LENGTH {
            return None;
        }
        let numbers = text.split(self.separators).map(Number::parse);
        let numbers = numbers.collect::<Option<Vec<_>>>()?;
        (numbers.len() <= MAX_NUMBERS).then_some(numbers)
    }

    fn first_three(&self, version: &str) -> Option<[Number; 3]> {
        let mut first = [Number::ZERO, Number::ZERO, Number::ZERO];
        for (slot, number) in first.iter_mut().zip(self.numbers(version)?) {
            *slot = number;
        }
        Some(first)
    }
}

impl Ecosystem for Dotted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn purl_type(&self) -> &'static str {
        self.purl_type
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let numbers = self.numbers(version);
        let numbers = numbers.ok_or_else(|| UnparseableVersion::new(self.name, version))?;
        let mut key = KeyBytes::default();
        numbers.iter().for_each(|number| key.number(number));
        key.tag(END);
        Ok(key.finish())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(semver::step_between(
            &self.first_three(from)?,
            &self.first_three(to)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::haskell::HACKAGE;

    #[test]
    fn a_longer_row_comes_after_its_beginning() {
        for ecosystem in [&CRAN, &HACKAGE, &BIOCONDUCTOR] {
            let key = |text: &str| ecosystem.key(text).expect(text);
            assert!(key("1.0") < key("1.0.0") && key("1.0.0") < key("1.1") && key("1.9") < key("1.10"));
            assert!(ecosystem.key("1.0a").is_err() && ecosystem.key("1..0").is_err());
        }
        assert_eq!(CRAN.key("1.0-2"), CRAN.key("1.0.2"));
        assert!(HACKAGE.key("1.0-2").is_err());
    }
}
