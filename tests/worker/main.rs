//! The worker on both engines: from a stored upload to findings, trends and verdicts.

#[cfg(test)]
mod audit;
#[cfg(test)]
#[path = "../store/databases.rs"]
mod databases;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod resolving;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod story;
