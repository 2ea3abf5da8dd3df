//! Versions of an interface that are not compatible are modules of their own.

use whit_component::{Resource, bindgen};
use whit_core::Error;

use crate::linked;

bindgen!({ path: "tests/goldens/versions.wit" });

use a::{b_0_1_0, b_0_2_0};

/// The representation of a resource is all that there is of it.
struct Host;

impl b_0_1_0::i::Host for Host {
    fn make(&mut self) -> Result<Resource<b_0_1_0::i::R>, Error> {
        Ok(Resource::from_rep(20))
    }
}

impl b_0_1_0::i::HostR for Host {
    fn get(&mut self, this: Resource<b_0_1_0::i::R>) -> Result<u32, Error> {
        Ok(this.rep())
    }

    fn drop(&mut self, _: Resource<b_0_1_0::i::R>) -> Result<(), Error> {
        Ok(())
    }
}

impl b_0_2_0::i::Host for Host {
    fn make(&mut self) -> Result<Resource<b_0_2_0::i::R>, Error> {
        Ok(Resource::from_rep(1))
    }
}

impl b_0_2_0::i::HostR for Host {
    fn get(&mut self, this: Resource<b_0_2_0::i::R>) -> Result<u32, Error> {
        Ok(this.rep())
    }

    fn drop(&mut self, _: Resource<b_0_2_0::i::R>) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn two_versions_of_an_interface_are_two_modules() {
    let (mut store, component, mut linker) = linked(include_str!("versions.wat"), Host);
    Both::add_to_linker(&mut linker, |host| host).unwrap();
    let both = Both::instantiate(&mut store, &component, &linker).unwrap();
    assert_eq!(both.call_run(&mut store).unwrap(), 21);
}
