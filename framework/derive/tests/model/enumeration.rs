use tfplugin_derive::Model;

/// A disk.
#[derive(Model)]
enum Disk {
    Small,
    Large,
}

fn main() {}
