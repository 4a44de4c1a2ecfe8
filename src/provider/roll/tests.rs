//! Waits together, without a vendor.
