//! What others have written down as right, run whole against our own code.

#[cfg(test)]
mod data;
#[cfg(test)]
mod distributions;
#[cfg(test)]
mod licenses;
#[cfg(test)]
mod lockfiles;
#[cfg(test)]
mod osv_eval;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod purl;
#[cfg(test)]
mod pypa;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod resolve_cargo;
#[cfg(test)]
mod resolve_npm;
#[cfg(test)]
mod resolve_pip;
#[cfg(test)]
mod rustsec;
#[cfg(test)]
mod rustsec_text;
#[cfg(test)]
mod sboms;
#[cfg(test)]
mod severity;
#[cfg(test)]
mod versions;
