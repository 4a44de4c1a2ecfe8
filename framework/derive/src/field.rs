//! One field of a model: the options of `#[tf(…)]`, the rules between them, and the builder call they make.
//!
//! Knows the names of the builder's methods in `tfplugin::schema`, and nothing of what they do.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{Error, Expr, Field, GenericArgument, Lit, LitInt, PathArguments, Result, Token, Type, token};

use crate::model::StructOptions;
use crate::text::{attribute_name, camel_case, doc_text};

/// What a field contributes to its model's three functions.
pub(crate) struct Part {
    /// Statements that add to `attributes`.
    pub(crate) attributes: TokenStream,
    /// The field's initialiser, from `object`.
    pub(crate) from_object: TokenStream,
    /// Statements that add to `members`.
    pub(crate) to_object: TokenStream,
}

/// The code of one field.
pub(crate) fn part(field: &Field, style: StructOptions) -> Result<Part> {
    let ident =
        field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a model needs named fields"))?;
    let mut options = Options { nested: style.nested, settings: style.settings, ..Options::default() };
    let inner = attr_argument(&field.ty);
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("tf")) {
        attribute.parse_nested_meta(|meta| option(&meta, inner, &mut options))?;
    }
    options.no_wire |= style.settings;
    if options.takes_empty_for_null() {
        options.calls.push(quote!(empty_is_null()));
    }
    if options.flatten {
        return Ok(flattened(ident, &field.ty));
    }
    let inner =
        inner.ok_or_else(|| Error::new_spanned(&field.ty, "a field of a model has the type `Attr<…>`"))?;
    if nests_objects(inner) {
        return Err(Error::new_spanned(
            inner,
            "the protocol has no collection of collections of objects: in one, elements are texts, numbers or `bool`",
        ));
    }
    let text = doc_text(&field.attrs).ok_or_else(|| {
        Error::new_spanned(ident, "write a doc comment: it is the description that users read")
    })?;
    if let Some(fault) = fault(&options) {
        return Err(Error::new_spanned(ident, fault));
    }
    let name = attribute_name(ident);
    let read = if options.takes_empty_for_null() { quote!(attribute_or_empty) } else { quote!(attribute) };
    let calls = &options.calls;
    let wire = wire(&name, &options, style.snake_case);
    Ok(Part {
        attributes: quote! {
            attributes.push(__tfplugin::schema::Attribute::new::<#inner>(#name, #text)#(.#calls)*#wire);
        },
        from_object: quote!(#ident: __tfplugin::attr::Attr::#read(object, #name)?),
        to_object: quote!(members.insert(::std::string::String::from(#name), self.#ident.to_value());),
    })
}

/// The attributes of another model, as if they stood here.
fn flattened(ident: &syn::Ident, ty: &Type) -> Part {
    Part {
        attributes: quote!(attributes.extend(<#ty as __tfplugin::model::Model>::attributes());),
        from_object: quote!(#ident: <#ty as __tfplugin::model::Model>::from_object(object)?),
        to_object: quote! {
            if let __tfplugin::value::Value::Map(inner) =
                __tfplugin::model::Model::to_object(&self.#ident)
            {
                members.extend(inner);
            }
        },
    }
}

/// `T` of `Attr<T>`.
fn attr_argument(ty: &Type) -> Option<&Type> {
    argument(ty, &["Attr"])
}

/// `T` of `Set<T>` and its like.
fn element(ty: &Type) -> Option<&Type> {
    argument(ty, &["List", "Set", "Map"])
}

/// Field types that are numbers.
const NUMBERS: [&str; 6] = ["i32", "i64", "u32", "u64", "f64", "Number"];

/// Whether a collection of collections holds something that may be an object.
fn nests_objects(ty: &Type) -> bool {
    let Some(mut inner) = element(ty).and_then(element) else { return false };
    while let Some(deeper) = element(inner) {
        inner = deeper;
    }
    !is_plain(inner)
}

/// Whether it is surely no object.
fn is_plain(ty: &Type) -> bool {
    is_one_of(ty, &["String", "bool", "Dynamic"]) || is_one_of(ty, &NUMBERS)
}

fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    matches!(ty, Type::Path(path) if names.iter().any(|it| path.path.is_ident(it)))
}

/// The only argument of a generic type of one of these names.
fn argument<'t>(ty: &'t Type, names: &[&str]) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| names.iter().any(|it| last.ident == it))?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// What the rules below need to know of a field once all of its options are read.
#[derive(Default)]
struct Options {
    calls: Vec<TokenStream>,
    required: bool,
    optional: bool,
    computed: bool,
    default: bool,
    write_only: bool,
    volatile: bool,
    not_returned: bool,
    sensitive: bool,
    block: bool,
    group: bool,
    changes: usize,
    replaces: bool,
    nested: bool,
    settings: bool,
    flatten: bool,
    local: bool,
    wire: Option<String>,
    wire_with: Option<Expr>,
    no_wire: bool,
}

impl Options {
    fn is_configurable(&self) -> bool {
        self.required || self.optional
    }

    /// In a resource, an empty text is no value where no value is allowed. Where the provider would choose one,
    /// it is more likely a mistake.
    fn takes_empty_for_null(&self) -> bool {
        self.optional && !self.computed && !self.default && !self.settings
    }

    fn travels(&self) -> bool {
        cfg!(feature = "rest") && self.is_configurable() && !self.local && !self.no_wire
    }

    fn names_wire(&self) -> bool {
        self.wire.is_some() || self.wire_with.is_some()
    }
}

fn option(meta: &ParseNestedMeta<'_>, inner: Option<&Type>, options: &mut Options) -> Result<()> {
    let name = meta.path.require_ident()?.to_string();
    match name.as_str() {
        "required" => options.required = true,
        "optional" => options.optional = true,
        "computed" => options.computed = true,
        "write_only" => options.write_only = true,
        "volatile" => options.volatile = true,
        "not_returned" => options.not_returned = true,
        "sensitive" => options.sensitive = true,
        "null_elements" | "at_least" | "deletion_protection" | "identity" => {}
        "replace" | "replace_if" => {
            options.changes += 1;
            options.replaces = true;
        }
        "via" => options.changes += 1,
        "local" => {
            options.changes += 1;
            options.local = true;
        }
        "block" | "group" => {
            options.block = true;
            options.group |= name == "group";
            let model = inner.map(|it| element(it).unwrap_or(it));
            if model.is_some_and(is_plain) {
                return Err(meta.error(
                    "blocks hold attributes: the type is a model, or a `List`, `Set` or `Map` of one",
                ));
            }
            if options.group && inner.is_some_and(|it| element(it).is_some()) {
                return Err(meta.error("a `group` is one block: its type is a model"));
            }
            let method = format_ident!("{name}");
            options.calls.push(quote!(#method::<#model>()));
            return Ok(());
        }
        "default" => options.default = true,
        "len" | "range" | "items" | "keys" | "deprecated" | "one_of" | "format" | "canonical" | "unset" => {}
        "wire" | "wire_with" | "no_wire" if !cfg!(feature = "rest") => return Err(needs_rest(meta, &name)),
        "wire" => {
            options.wire = Some(value(meta, &name)?.parse::<syn::LitStr>()?.value());
            return Ok(());
        }
        "wire_with" => {
            options.wire_with = Some(value(meta, &name)?.parse()?);
            return Ok(());
        }
        "no_wire" => {
            options.no_wire = true;
            return Ok(());
        }
        "flatten" => {
            options.flatten = true;
            return Ok(());
        }
        _ => return Err(meta.error(format!("`tf` has no option `{name}`; derive(Model) lists them"))),
    }
    if let Some(use_of_it) = inner.and_then(|it| misused(&name, it)) {
        return Err(meta.error(format!("`{name}` is for {use_of_it}")));
    }
    options.calls.push(call(meta, inner, &name)?);
    Ok(())
}

/// What a word is for, where the type is surely none of these.
fn misused(name: &str, ty: &Type) -> Option<&'static str> {
    let mut inner = ty;
    while let Some(deeper) = element(inner) {
        inner = deeper;
    }
    let is_text = is_one_of(inner, &["String"]);
    let is_number = is_one_of(inner, &NUMBERS);
    let is_neither = is_one_of(inner, &["bool", "Dynamic"]);
    match name {
        "range" | "one_of" if is_text || is_neither => Some("numbers"),
        "len" | "format" | "canonical" if is_number || is_neither => Some("texts"),
        "items" | "keys" | "null_elements" if is_plain(ty) => Some("collections"),
        _ => None,
    }
}

/// What to tell of a word for requests where there are none.
pub(crate) fn needs_rest(meta: &ParseNestedMeta<'_>, word: &str) -> Error {
    meta.error(format!("`{word}` is about bodies of requests: it needs the feature `rest` of `tfplugin`"))
}

/// The builder call of an option, in whichever of the three forms the option is written.
fn call(meta: &ParseNestedMeta<'_>, inner: Option<&Type>, name: &str) -> Result<TokenStream> {
    let method = format_ident!("{name}");
    Ok(match name {
        "volatile" if meta.input.peek(Token![=]) => {
            let value: Expr = value(meta, name)?.parse()?;
            quote!(volatile_when(#value))
        }
        "range" => {
            let value = with_64_bits(value(meta, name)?.parse()?);
            quote!(#method(#value))
        }
        "default" | "unset" => {
            let value = with_64_bits_alone(value(meta, name)?.parse()?);
            quote!(#method(#value))
        }
        "via" | "len" | "items" | "keys" | "deprecated" | "canonical" => {
            let value: Expr = value(meta, name)?.parse()?;
            quote!(#method(#value))
        }
        "one_of" | "format" => {
            let value: Expr = value(meta, name)?.parse()?;
            quote!(#method(&#value))
        }
        "replace_if" => {
            if !meta.input.peek(token::Paren) {
                return Err(
                    meta.error("`replace_if` needs a function and a text: `replace_if(shrinks, \"…\")`")
                );
            }
            let arguments;
            syn::parenthesized!(arguments in meta.input);
            let condition = arguments.parse::<Expr>()?;
            arguments.parse::<Token![,]>()?;
            let text = arguments.parse::<Expr>()?;
            quote!(#method(|old, new| __tfplugin::attr::is_met::<#inner>(#condition, old, new), #text))
        }
        _ => quote!(#method()),
    })
}

/// Bounds that are both bare literals, of 64 bits: the compiler would take them for 32.
fn with_64_bits(bounds: Expr) -> Expr {
    let Expr::Range(mut range) = bounds else { return bounds };
    if let (Some(start), Some(end)) = (&range.start, &range.end)
        && is_bare(start)
        && is_bare(end)
    {
        range.start = range.start.map(|it| Box::new(with_64_bits_alone(*it)));
    }
    Expr::Range(range)
}

/// A whole number without a type, of 64 bits.
fn with_64_bits_alone(number: Expr) -> Expr {
    let suffixed = |it: &LitInt| LitInt::new(&format!("{}i64", it.base10_digits()), it.span());
    match number {
        Expr::Lit(mut it) if matches!(&it.lit, Lit::Int(int) if int.suffix().is_empty()) => {
            if let Lit::Int(int) = &it.lit {
                it.lit = Lit::Int(suffixed(int));
            }
            Expr::Lit(it)
        }
        Expr::Unary(mut it) => {
            it.expr = Box::new(with_64_bits_alone(*it.expr));
            Expr::Unary(it)
        }
        other => other,
    }
}

fn is_bare(number: &Expr) -> bool {
    match number {
        Expr::Lit(it) => matches!(&it.lit, Lit::Int(int) if int.suffix().is_empty()),
        Expr::Unary(it) => is_bare(&it.expr),
        _ => false,
    }
}

/// What stands behind the equals sign of an option.
fn value<'m>(meta: &'m ParseNestedMeta<'_>, name: &str) -> Result<ParseStream<'m>> {
    meta.value().map_err(|_| meta.error(format!("`{name}` needs a value: `{name} = …`")))
}

/// Which rule between options is broken, in the words for the author; `None`: none is.
fn fault(options: &Options) -> Option<&'static str> {
    let computed_only = options.computed && !options.is_configurable();
    let rules = [
        (
            !options.is_configurable() && !options.computed,
            "say who sets it: `required`, `optional` or `computed`",
        ),
        (options.required && options.optional, "it is either `required` or `optional`"),
        (
            options.required && (options.computed || options.default),
            "what is `required` is always configured: neither `computed` nor `default` has a meaning",
        ),
        (
            options.is_configurable() && options.changes == 0 && !options.nested && !options.settings,
            "say what a new value costs: `replace`, `replace_if(…)`, `via = \"…\"` or `local`",
        ),
        (
            options.is_configurable() && options.changes > 1,
            "say once what a new value costs: `replace`, `replace_if(…)`, `via = \"…\"` or `local`",
        ),
        (
            options.settings && options.changes > 0,
            "in a `settings` struct no field has a cost of a change: leave it out",
        ),
        (
            options.nested && options.changes > 0 && !options.replaces,
            "in a `nested` struct the attribute around it says what a change costs; a field can only say `replace` or `replace_if(…)`",
        ),
        (
            options.block
                && (options.computed
                    || options.default
                    || options.sensitive
                    || options.write_only
                    || options.not_returned),
            "blocks are configured: what is `computed`, `sensitive` or `write_only` are the attributes in them",
        ),
        (
            options.group && options.required,
            "a `group` is always there: its attributes say what is `required`",
        ),
        (
            computed_only && options.changes > 0,
            "nobody can change what is only `computed`: it has no `replace`, `replace_if(…)`, `via` or `local`",
        ),
        (
            computed_only && (options.default || options.not_returned || options.write_only),
            "nobody configures what is only `computed`: it has no `default`, `not_returned` or `write_only`",
        ),
        (
            options.write_only && (options.computed || options.default),
            "what is `write_only` is never in a plan: neither `computed` nor `default` has a meaning",
        ),
        (options.volatile && !options.computed, "only what is `computed` can be `volatile`"),
        (
            options.no_wire && options.names_wire(),
            "`no_wire` keeps it out of the request, so it has no `wire` or `wire_with`",
        ),
        (
            !options.travels() && options.names_wire(),
            "what is `local` or only `computed` is not in the request, so it has no `wire` or `wire_with`",
        ),
    ];
    rules.into_iter().find(|(broken, _)| *broken).map(|(_, fault)| fault)
}

fn wire(name: &str, options: &Options, snake: bool) -> TokenStream {
    if !options.travels() {
        return TokenStream::new();
    }
    let natural = || if snake { name.to_owned() } else { camel_case(name) };
    let wire = options.wire.clone().unwrap_or_else(natural);
    let encode = options.wire_with.as_ref().map(|it| quote!(.wire_with(#it)));
    quote!(.wire(#wire)#encode)
}
