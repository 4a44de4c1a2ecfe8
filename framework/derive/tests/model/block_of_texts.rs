use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Names.
    #[tf(block, optional, replace)]
    names: Attr<List<String>>,
}

fn main() {}
