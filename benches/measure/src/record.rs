//! Puts a table between two comments of a page, which readers do not see, and leaves the rest of it alone.

use crate::failure::{Result, failed};

const END: &str = "<!-- bench: end -->";

/// The page with another text between the comments of this name.
pub(crate) fn replace(page: &str, name: &str, text: &str) -> Result<String> {
    let begin = format!("<!-- bench: {name} -->");
    let Some((before, rest)) = page.split_once(&begin) else {
        return failed(format!("the page has no {begin}"));
    };
    let Some((_, after)) = rest.split_once(END) else {
        return failed(format!("nothing ends {begin}: {END} is missing"));
    };
    Ok(format!("{before}{begin}\n{}\n{END}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "a\n<!-- bench: one -->\nold\n<!-- bench: end -->\nb\n<!-- bench: two -->\n<!-- bench: end -->\n";

    #[test]
    fn only_what_is_between_the_comments_changes() {
        let page = replace(PAGE, "two", "| new |\n").unwrap();
        assert!(page.starts_with("a\n<!-- bench: one -->\nold\n<!-- bench: end -->\nb\n"));
        assert!(page.ends_with("<!-- bench: two -->\n| new |\n<!-- bench: end -->\n"));
        assert_eq!(replace(&page, "two", "| new |").unwrap(), page, "the second time nothing changes");
    }

    #[test]
    fn a_page_without_the_comments_is_refused() {
        assert!(replace(PAGE, "three", "").is_err());
        assert!(replace("<!-- bench: one -->\n", "one", "").is_err());
    }
}
