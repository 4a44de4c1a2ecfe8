use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(required, default = 10, replace)]
    size: Attr<i64>,
}

fn main() {}
