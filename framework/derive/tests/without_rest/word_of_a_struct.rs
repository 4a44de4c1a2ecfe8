use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
#[tf(snake_case)]
struct Disk {
    /// Size in GB.
    #[tf(required, replace)]
    size: Attr<i64>,
}

fn main() {}
