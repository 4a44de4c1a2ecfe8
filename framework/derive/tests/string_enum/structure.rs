use tfplugin_derive::StringEnum;

#[derive(StringEnum)]
struct Speed {
    fast: bool,
}

fn main() {}
