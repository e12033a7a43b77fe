//! What policies say of subjects: one table per subject.

#[cfg(test)]
mod document;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod licenses;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod order;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod sandworm;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod vex;
#[cfg(test)]
mod waivers;
#[cfg(test)]
mod world;
