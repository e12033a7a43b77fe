#![doc = include_str!("../README.md")]

pub mod assets;
pub mod badge;
pub mod charts;
mod filters;
pub mod html;
pub mod layout;
pub mod links;
pub mod metrics;
#[cfg(test)]
mod palette;
pub mod parts;
pub mod text;
pub mod views;
