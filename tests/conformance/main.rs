//! What others have written down as right, run whole against our own code.

#[cfg(test)]
mod versions;
