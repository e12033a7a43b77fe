//! The real binary, as a person or a build job runs it.

#[cfg(test)]
mod scan;
