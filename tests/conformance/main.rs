//! What others have written down as right, run whole against our own code.

mod licenses;
mod purl;
#[cfg(test)]
mod versions;
