//! Where in a configuration a value stands.

use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute by name.
    Attribute(String),
    /// A block by name.
    Block(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple. Elements of sets cannot be addressed: a path ends at the set.
    Index(usize),
}

/// The way from a resource's root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path of a top-level attribute.
    pub fn root(attribute: &str) -> Self {
        Self::default().attribute(attribute)
    }

    /// This path, one attribute deeper.
    pub fn attribute(&self, name: &str) -> Self {
        self.with(Step::Attribute(name.to_owned()))
    }

    /// This path, one block deeper.
    pub(crate) fn block(&self, name: &str) -> Self {
        self.with(Step::Block(name.to_owned()))
    }

    /// This path, one map key deeper.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// This path, one list index deeper.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The part that clients find a line for. They look for a path's last name among the attributes of
    /// blocks alone, so one inside an object would underline the whole resource instead.
    pub(crate) fn visible(&self) -> Self {
        let mut attributes = self.0.iter().enumerate().filter(|(_, it)| matches!(it, Step::Attribute(_)));
        let end = attributes.nth(1).map_or(self.0.len(), |(position, _)| position);
        Self(self.0[..end].to_vec())
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) | Step::Block(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) | Step::Block(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_an_hcl_reference() {
        let path = Path::root("tools").index(2).attribute("ports").key("a b");
        assert_eq!(path.to_string(), r#"tools[2].ports["a b"]"#);
    }

    #[test]
    fn only_what_clients_find_a_line_for_is_visible() {
        for (path, visible) in [
            (Path::root("port"), "port"),
            (Path::root("envs").key("A"), r#"envs["A"]"#),
            (Path::root("policy").attribute("value"), "policy"),
            (Path::root("tools").index(2).attribute("port"), "tools[2]"),
            (Path::default().block("timeouts").attribute("create"), "timeouts.create"),
            (Path::default().block("a").index(0).attribute("b").key("c").attribute("d"), "a[0].b[\"c\"]"),
            (Path::default(), ""),
        ] {
            assert_eq!(path.visible().to_string(), visible);
        }
    }
}
