//! The store on both engines: every test runs on SQLite and on PostgreSQL.

#[cfg(test)]
mod databases;
#[cfg(test)]
mod inventories;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod portfolio;
#[cfg(test)]
mod schema;
