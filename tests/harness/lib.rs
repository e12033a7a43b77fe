//! What every test of the product stands on.
