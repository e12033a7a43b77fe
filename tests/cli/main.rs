//! The real binary, as a person or a build job runs it.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod convert;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod distributions;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod one_verdict;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod repositories;
#[cfg(test)]
mod resolving;
#[cfg(test)]
mod sandworm;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod sources;
