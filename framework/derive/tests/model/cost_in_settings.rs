//! A provider block is read once: nothing of it can be changed in place or replaced.

use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// The provider's settings.
#[derive(Model)]
#[tf(settings)]
struct Settings {
    /// Address of the API.
    #[tf(optional, replace)]
    address: Attr<String>,
}

fn main() {}
