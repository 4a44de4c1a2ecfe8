use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    #[tf(required, replace)]
    size: Attr<i64>,
}

fn main() {}
