use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(required, replace, wire = "sizeGB")]
    size: Attr<i64>,
    /// Name.
    #[tf(required, replace, no_wire)]
    name: Attr<String>,
    /// Zone.
    #[tf(required, replace, wire_with = zone)]
    zone: Attr<String>,
}

fn main() {}
