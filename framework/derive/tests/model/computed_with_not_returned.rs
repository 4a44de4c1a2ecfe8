use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(computed, not_returned)]
    size: Attr<i64>,
}

fn main() {}
