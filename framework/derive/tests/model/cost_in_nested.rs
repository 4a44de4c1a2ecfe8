use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A mount of a disk.
#[derive(Model)]
#[tf(nested)]
struct Mount {
    /// Host.
    #[tf(required, replace)]
    host: Attr<String>,
    /// Path.
    #[tf(optional, via = "Changing it mounts anew.")]
    path: Attr<String>,
}

fn main() {}
