//! The pages through the router, on a database of their own each.

#[cfg(test)]
mod budgets;
#[cfg(test)]
mod components;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod osv;
#[cfg(test)]
mod portfolio;
#[cfg(test)]
mod project;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod uploads;
