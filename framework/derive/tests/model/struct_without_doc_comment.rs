use tfplugin_derive::Model;

type Attr<T> = Option<T>;

#[derive(Model)]
struct Disk {
    /// Size in GB.
    #[tf(required, replace)]
    size: Attr<i64>,
}

fn main() {}
