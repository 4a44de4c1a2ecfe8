use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(optional, local, wire = "sizeGB")]
    size: Attr<i64>,
}

fn main() {}
