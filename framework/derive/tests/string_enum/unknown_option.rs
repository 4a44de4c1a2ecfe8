use tfplugin_derive::StringEnum;

#[derive(StringEnum)]
#[string_enum(kebab_case)]
enum Speed {
    Slow,
    Fast,
}

fn main() {}
