//! Searches for components.
