//! The two macros in which every section, key and word of the configuration is declared once.

/// Declares a section: its doc comments, names, types and defaults are the one source of the struct, of what may be
/// written in the file and the environment, and of `deploy/accountd.toml`.
///
/// Fields after `with` are no keys: the reader of the section fills them in.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        $(#[expect($($lint:tt)+)])?
        pub struct $section:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, )*
        }
        $(with {
            $( $(#[doc = $other_doc:literal])+ $other:ident: $other_type:ty = $other_default:expr, )*
        })?
    ) => {
        $(#[doc = $about])+
        $(#[expect($($lint)+)])?
        #[derive(Clone, Debug)]
        pub struct $section {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nDefault: `", stringify!($default), "`.")]
                pub $key: $type,
            )*
            $( $( $(#[doc = $other_doc])+ pub $other: $other_type, )* )?
        }

        impl Default for $section {
            fn default() -> Self {
                Self {
                    $( $key: $default, )*
                    $( $( $other: $other_default, )* )?
                }
            }
        }
    };
}

/// Declares an enum whose variants are written as words.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident {
            $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl $name {
            /// The word that stands for it in the configuration.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }
    };
}

pub(super) use {settings, words};
