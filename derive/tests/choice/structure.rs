use novita_derive::Choice;

#[derive(Choice)]
struct Speed {
    fast: bool,
}

fn main() {}
