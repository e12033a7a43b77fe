mod purl;
//! What others measured, against what we answer.

mod licenses;
