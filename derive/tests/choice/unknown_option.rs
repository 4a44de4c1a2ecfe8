use novita_derive::Choice;

#[derive(Choice)]
#[choice(kebab_case)]
enum Speed {
    Slow,
    Fast,
}

fn main() {}
