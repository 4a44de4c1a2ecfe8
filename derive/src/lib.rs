//! derive(Model), derive(Choice).
