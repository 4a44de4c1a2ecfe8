use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Name.
    #[tf(optional, replace, null_elements)]
    name: Attr<String>,
}

fn main() {}
