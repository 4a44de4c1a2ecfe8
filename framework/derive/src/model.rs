//! `#[derive(Model)]`: one builder call per field, and the two conversions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, FieldsNamed, Path, Result};

use crate::Expansion;
use crate::field::{Part, needs_rest, part};
use crate::text::doc_text;

pub(crate) fn expand(input: &DeriveInput) -> Result<Expansion> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "Model is for structs; an enum wants derive(StringEnum)",
        ));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model needs named fields, one per attribute"));
    };
    let name = &input.ident;
    let text = doc_text(&input.attrs).ok_or_else(|| {
        Error::new_spanned(name, "write a doc comment: it is the description that users read")
    })?;
    let (options, tfplugin) = struct_options(&input.attrs)?;
    let parts = parts(fields, options)?;
    let attributes = by_name(fields, &parts);
    let count = attributes.len();
    let members = parts.iter().map(|it| &it.from_object);
    let writes = parts.iter().map(|it| &it.to_object);
    let code = quote! {
        impl __tfplugin::model::Model for #name {
            const TEXT: &'static str = #text;

            fn attributes() -> ::std::vec::Vec<__tfplugin::schema::Attribute> {
                let mut attributes = ::std::vec::Vec::with_capacity(#count);
                #(#attributes)*
                attributes
            }

            fn from_object(
                object: &__tfplugin::value::Value,
            ) -> ::std::result::Result<Self, __tfplugin::attr::Mismatch> {
                ::std::result::Result::Ok(Self { #(#members),* })
            }

            fn to_object(&self) -> __tfplugin::value::Value {
                let mut members = ::std::collections::BTreeMap::new();
                #(#writes)*
                __tfplugin::value::Value::Map(members)
            }
        }

        impl __tfplugin::attr::FieldType for #name {
            fn attribute_type() -> __tfplugin::schema::AttributeType {
                __tfplugin::schema::AttributeType::Nested(
                    __tfplugin::schema::Nesting::Single,
                    <Self as __tfplugin::model::Model>::attributes(),
                )
            }

            fn from_known(
                value: &__tfplugin::value::Value,
            ) -> ::std::result::Result<Self, __tfplugin::attr::Mismatch> {
                if value.as_map().is_none() {
                    return ::std::result::Result::Err(__tfplugin::attr::Mismatch::wanted("an object"));
                }
                <Self as __tfplugin::model::Model>::from_object(value)
            }

            fn to_value(&self) -> __tfplugin::value::Value {
                <Self as __tfplugin::model::Model>::to_object(self)
            }
        }
    };
    Ok(Expansion { code, tfplugin })
}

/// What makes the attributes, in the order of their names: a schema that is asked for at each start need not be sorted.
fn by_name<'p>(fields: &FieldsNamed, parts: &'p [Part]) -> Vec<&'p TokenStream> {
    let names = fields.named.iter().map(|it| it.ident.as_ref().map(syn::ext::IdentExt::unraw));
    let mut named: Vec<_> = names.zip(parts.iter().map(|it| &it.attributes)).collect();
    named.sort_by(|(left, _), (right, _)| left.cmp(right));
    named.into_iter().map(|(_, attributes)| attributes).collect()
}

/// The code of all fields; what is wrong with several of them is told at once.
fn parts(fields: &FieldsNamed, options: StructOptions) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut faults: Option<Error> = None;
    for field in &fields.named {
        match (part(field, options), &mut faults) {
            (Ok(part), _) => parts.push(part),
            (Err(fault), Some(faults)) => faults.combine(fault),
            (Err(fault), none) => *none = Some(fault),
        }
    }
    faults.map_or(Ok(parts), Err)
}

/// What holds for all fields of a model.
#[derive(Clone, Copy, Default)]
pub(crate) struct StructOptions {
    /// Wire names are the fields' own.
    pub(crate) snake_case: bool,
    /// The object is part of another attribute, whose definition says what a change costs.
    pub(crate) nested: bool,
    /// The object is read once and has no state: there is no cost of a change, and no request.
    pub(crate) settings: bool,
}

/// The options of a struct, and the path of the crate `tfplugin` if one is given.
fn struct_options(attributes: &[Attribute]) -> Result<(StructOptions, Option<Path>)> {
    let (mut options, mut tfplugin) = (StructOptions::default(), None);
    for attribute in attributes.iter().filter(|it| it.path().is_ident("tf")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                tfplugin = Some(meta.value()?.call(Path::parse_mod_style)?);
                return Ok(());
            }
            let known = [
                ("snake_case", &mut options.snake_case),
                ("nested", &mut options.nested),
                ("settings", &mut options.settings),
            ];
            match known.into_iter().find(|(name, _)| meta.path.is_ident(name)) {
                Some(("snake_case", _)) if !cfg!(feature = "rest") => Err(needs_rest(&meta, "snake_case")),
                Some((_, option)) => {
                    *option = true;
                    Ok(())
                }
                None => Err(meta.error(
                    "on a struct, `tf` knows `snake_case`, `nested`, `settings` and `crate = …` only",
                )),
            }
        })?;
    }
    Ok((options, tfplugin))
}
