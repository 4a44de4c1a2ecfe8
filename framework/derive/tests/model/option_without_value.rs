use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(required, replace, range)]
    size: Attr<i64>,
}

fn main() {}
