//! The API through its door: a router, a worker and a clock that is set by hand, on both engines.

#[cfg(test)]
mod advisories;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod builds;
#[cfg(test)]
#[path = "../store/databases.rs"]
mod databases;
#[cfg(test)]
mod decision_pages;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod door;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod settings_pages;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod work_pages;
#[cfg(test)]
mod world;
