//! The store on both engines: every test runs on SQLite and on PostgreSQL.

#[cfg(test)]
mod access;
#[cfg(test)]
mod advisories;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod bundle;
#[cfg(test)]
mod components;
#[cfg(test)]
mod databases;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod distributions;
#[cfg(test)]
mod exploited;
#[cfg(test)]
mod finding_lists;
#[cfg(test)]
mod four;
#[cfg(test)]
mod inventories;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod knowledge;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod portfolio;
#[cfg(test)]
mod quality;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod schema;
