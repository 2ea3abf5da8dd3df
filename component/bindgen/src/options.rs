//! What stands between the parentheses of `bindgen!`.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitBool, LitStr, Path, Result, Token, braced, bracketed, token};

/// What to generate, and from what.
pub(crate) struct Options {
    /// Files and folders of WIT. The world is in the last of them, unless there is WIT inline.
    pub paths: Vec<LitStr>,
    /// WIT as text.
    pub inline: Option<LitStr>,
    /// The world; may be left out where there is one.
    pub world: Option<LitStr>,
    /// Interfaces and types of WIT with the modules and types of Rust that stand for them.
    pub with: Vec<(LitStr, Path)>,
    /// Which imports are futures. If any is, exports are called with futures.
    pub asynchronous: Asynchronous,
    /// The features of WIT whose `@unstable` items are wanted.
    pub features: Vec<LitStr>,
    /// What to derive for every record, variant, enum and flags beside the usual.
    pub additional_derives: Vec<Path>,
    /// The path of `whit_component`, for who has it by another name.
    pub krate: Option<Path>,
    /// Where to say that something is wrong with the WIT.
    pub span: Span,
}

/// Which of the imported functions are futures.
pub(crate) enum Asynchronous {
    All,
    /// Those named here, themselves or by their interface.
    These(Vec<LitStr>),
}

impl Asynchronous {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::These(names) if names.is_empty())
    }
}

impl Parse for Asynchronous {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(token::Bracket) {
            return Ok(Self::These(list(input)?));
        }
        Ok(if input.parse::<LitBool>()?.value { Self::All } else { Self::These(Vec::new()) })
    }
}

/// Where WIT is if nothing else is said.
const DEFAULT_PATH: &str = "wit";

impl Parse for Options {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut options = Self {
            paths: Vec::new(),
            inline: None,
            world: None,
            with: Vec::new(),
            asynchronous: Asynchronous::These(Vec::new()),
            features: Vec::new(),
            additional_derives: Vec::new(),
            krate: None,
            span: Span::call_site(),
        };
        if input.peek(LitStr) {
            options.parse_short(input)?;
        } else if !input.is_empty() {
            options.parse_fields(input)?;
        }
        if options.paths.is_empty() && options.inline.is_none() {
            options.paths.push(LitStr::new(DEFAULT_PATH, Span::call_site()));
        }
        if let Some(source) = options.inline.as_ref().or(options.paths.last()) {
            options.span = source.span();
        }
        Ok(options)
    }
}

impl Options {
    /// `"world"` or `"world" in "path"`.
    fn parse_short(&mut self, input: ParseStream) -> Result<()> {
        self.world = Some(input.parse()?);
        if input.parse::<Option<Token![in]>>()?.is_some() {
            self.paths.push(input.parse()?);
        }
        match input.is_empty() {
            true => Ok(()),
            false => {
                Err(input.error("nothing is expected here; other options have the form `bindgen!({ path: \"wit\" })`"))
            }
        }
    }

    /// `{ name: value, … }`.
    fn parse_fields(&mut self, input: ParseStream) -> Result<()> {
        let content;
        braced!(content in input);
        let mut seen: Vec<String> = Vec::new();
        while !content.is_empty() {
            // `async` and `crate` are keywords.
            let name = content.call(<Ident as syn::ext::IdentExt>::parse_any)?;
            if seen.contains(&name.to_string()) {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            seen.push(name.to_string());
            content.parse::<Token![:]>()?;
            match name.to_string().as_str() {
                "path" => self.paths = one_or_more(&content)?,
                "inline" => self.inline = Some(content.parse()?),
                "world" => self.world = Some(content.parse()?),
                "with" => self.with = parse_with(&content)?,
                "async" => self.asynchronous = content.parse()?,
                "features" => self.features = list(&content)?,
                "additional_derives" => self.additional_derives = list(&content)?,
                "crate" => self.krate = Some(content.parse()?),
                other => {
                    let message = format!(
                        "`{other}` is no option of `bindgen!`; there are `path`, `inline`, `world`, `with`, `async`, `features`, \
                         `additional_derives` and `crate`"
                    );
                    return Err(Error::new(name.span(), message));
                }
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }
}

/// One string, or a list of them.
fn one_or_more(input: ParseStream) -> Result<Vec<LitStr>> {
    match input.peek(token::Bracket) {
        true => list(input),
        false => Ok(vec![input.parse()?]),
    }
}

/// `[item, …]`.
fn list<T: Parse>(input: ParseStream) -> Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// `{ "wit": rust, … }`.
fn parse_with(input: ParseStream) -> Result<Vec<(LitStr, Path)>> {
    let content;
    braced!(content in input);
    let entry = |input: ParseStream| {
        let key = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok((key, input.parse()?))
    };
    Ok(content.parse_terminated(entry, Token![,])?.into_iter().collect())
}
