//! A crate's modules, and what each one names of the others.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

use super::tree::Tree;

/// A module, whether it is a file or lies in one.
pub(super) struct Module {
    pub(super) file: String,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// What `use` calls what, by the name it has here.
    pub(super) names: BTreeMap<String, Vec<String>>,
    pub(super) mentions: Vec<Mention>,
}

/// A path somewhere in a module, not yet resolved.
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// Made visible to others from here: `pub use`.
    pub(super) passed_on: bool,
}

/// Reads a crate from its root file. The first module is the root; tests are left out.
pub(super) fn read(tree: &Tree, root: &str) -> Vec<Module> {
    let dir = root.rsplit_once('/').map_or("", |(dir, _)| dir);
    let mut reader = Reader {
        tree,
        modules: Vec::new(),
    };
    reader.file(root, dir, None);
    reader.modules
}

struct Reader<'a> {
    tree: &'a Tree,
    modules: Vec<Module>,
}

impl Reader<'_> {
    /// Reads a file as a module, whose own modules lie in `dir`. What cannot be parsed is the
    /// compiler's to report.
    fn file(&mut self, path: &str, dir: &str, parent: Option<usize>) -> Option<usize> {
        let parsed = syn::parse_file(self.tree.text(path)?).ok()?;
        Some(self.module(path, dir, parent, &parsed.items))
    }

    fn module(&mut self, file: &str, dir: &str, parent: Option<usize>, items: &[Item]) -> usize {
        let mut seen = Seen::default();
        items.iter().for_each(|item| seen.visit_item(item));
        let index = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            names: seen.names,
            mentions: seen.mentions,
        });
        for item in items {
            let Item::Mod(item) = item else { continue };
            if let Some(child) = self.child(file, dir, index, item) {
                self.modules[index]
                    .children
                    .insert(item.ident.to_string(), child);
            }
        }
        index
    }

    fn child(&mut self, file: &str, dir: &str, parent: usize, item: &ItemMod) -> Option<usize> {
        if is_test(&item.attrs) {
            return None;
        }
        let child_dir = format!("{dir}/{}", item.ident);
        match &item.content {
            Some((_, items)) => Some(self.module(file, &child_dir, Some(parent), items)),
            None => self
                .file(&format!("{child_dir}.rs"), &child_dir, Some(parent))
                .or_else(|| self.file(&format!("{child_dir}/mod.rs"), &child_dir, Some(parent))),
        }
    }
}

/// What the items of one module mention.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, Vec<String>>,
    mentions: Vec<Mention>,
}

impl Seen {
    fn mention(&mut self, path: Vec<String>, line: usize, passed_on: bool) {
        self.mentions.push(Mention {
            path,
            line,
            passed_on,
        });
    }

    /// Takes a `use` apart, one branch after the other; `path` is what stands before it.
    fn branches(&mut self, tree: &UseTree, path: &[String], passed_on: bool) {
        let longer = |ident: &syn::Ident| [path, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(branch) => {
                self.branches(&branch.tree, &longer(&branch.ident), passed_on);
            }
            UseTree::Group(group) => {
                group
                    .items
                    .iter()
                    .for_each(|tree| self.branches(tree, path, passed_on));
            }
            UseTree::Name(leaf) if leaf.ident == "self" => {
                let name = path.last().cloned().unwrap_or_default();
                self.leaf(name, path.to_vec(), leaf.span(), passed_on);
            }
            UseTree::Name(leaf) => {
                self.leaf(
                    leaf.ident.to_string(),
                    longer(&leaf.ident),
                    leaf.span(),
                    passed_on,
                );
            }
            UseTree::Rename(leaf) => {
                let whole = if leaf.ident == "self" {
                    path.to_vec()
                } else {
                    longer(&leaf.ident)
                };
                self.leaf(leaf.rename.to_string(), whole, leaf.span(), passed_on);
            }
            UseTree::Glob(leaf) => {
                self.mention(path.to_vec(), leaf.span().start().line, passed_on);
            }
        }
    }

    fn leaf(&mut self, name: String, path: Vec<String>, at: proc_macro2::Span, passed_on: bool) {
        self.names.insert(name, path.clone());
        self.mention(path, at.start().line, passed_on);
    }

    /// Finds paths in what a macro is given, which has no other structure.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.path_in_tokens(&mut path, line);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.path_in_tokens(&mut path, line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.path_in_tokens(&mut path, line);
    }

    fn path_in_tokens(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.mention(path, line, false);
        }
    }
}

impl<'ast> Visit<'ast> for Seen {
    fn visit_item(&mut self, item: &'ast Item) {
        // A module inside is read as a module of its own.
        if !matches!(item, Item::Mod(_)) && !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let passed_on = !matches!(item.vis, Visibility::Inherited);
        self.branches(&item.tree, &[], passed_on);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            self.mention(names, path.span().start().line, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether something exists in tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
            _ => return false,
        };
        let mut words = tokens.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.clone().any(|word| word == "test") && !words.any(|word| word == "not")
    })
}
