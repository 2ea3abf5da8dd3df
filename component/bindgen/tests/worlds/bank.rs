//! Resources on both sides: the host's, as a guest uses them, and a guest's, as the host does.

use whit_component::{Resource, ResourceError, ResourceTable, bindgen};
use whit_core::{Error, Store};

use crate::linked;

bindgen!({ path: "tests/goldens/bank.wit" });

use example::bank::accounts::{self, Account, Amount, Currency, Refusal, Rights};
use exports::example::bank::ledger::Entry;

/// What the host has of an [`Account`], which is in a table by another name.
struct Money {
    owner: String,
    cents: Amount,
    currency: Currency,
}

#[derive(Default)]
struct Bank {
    table: ResourceTable,
    log: Vec<String>,
    is_closed: bool,
}

/// The resource by the type that the host has it in the table by.
fn money(account: &Resource<Account>) -> Resource<Money> {
    Resource::from_rep(account.rep())
}

impl Bank {
    fn open(&mut self, owner: &str, cents: Amount) -> Resource<Account> {
        let money = Money { owner: owner.into(), cents, currency: Currency::Euro };
        Resource::from_rep(self.table.push(money).unwrap().rep())
    }
}

impl accounts::Host for Bank {
    fn rights_of(&mut self, of: Resource<Account>) -> Result<Rights, Error> {
        let is_rich = self.table.get(&money(&of))?.cents >= 5;
        Ok(if is_rich { Rights::DEPOSIT | Rights::WITHDRAW } else { Rights::DEPOSIT })
    }

    fn close_all(&mut self) -> Result<(), Error> {
        self.is_closed = true;
        Ok(())
    }
}

impl accounts::HostAccount for Bank {
    fn new(&mut self, owner: String, currency: Currency) -> Result<Resource<Account>, Error> {
        let account = self.table.push(Money { owner, cents: 1, currency })?;
        Ok(Resource::from_rep(account.rep()))
    }

    fn owner(&mut self, this: Resource<Account>) -> Result<String, Error> {
        Ok(self.table.get(&money(&this))?.owner.clone())
    }

    fn move_(&mut self, this: Resource<Account>, amount: Amount) -> Result<Result<Amount, Refusal>, Error> {
        let money = self.table.get_mut(&money(&this))?;
        if money.cents + amount < 0 {
            return Ok(Err(Refusal::Insufficient(money.cents)));
        }
        money.cents += amount;
        Ok(Ok(money.cents))
    }

    fn merge(&mut self, a: Resource<Account>, b: Resource<Account>) -> Result<Option<Resource<Account>>, Error> {
        let other = self.table.delete(money(&b))?;
        assert_eq!(other.currency, Currency::Yen);
        let merged = self.table.get_mut(&money(&a))?;
        merged.cents += other.cents;
        merged.owner = format!("{} and {}", merged.owner, other.owner);
        Ok(Some(a))
    }

    fn drop(&mut self, this: Resource<Account>) -> Result<(), Error> {
        self.table.delete(money(&this))?;
        Ok(())
    }
}

impl BranchImports for Bank {
    fn log(&mut self, line: String) -> Result<(), Error> {
        self.log.push(line);
        Ok(())
    }
}

impl time::Host for Bank {
    fn now(&mut self) -> Result<u64, Error> {
        Ok(1000)
    }
}

fn branch(bank: Bank) -> (Store<Bank>, Branch) {
    let (mut store, component, mut linker) = linked(include_str!("bank.wat"), bank);
    Branch::add_to_linker(&mut linker, |bank| bank).unwrap();
    let branch = Branch::instantiate(&mut store, &component, &linker).unwrap();
    (store, branch)
}

#[test]
fn a_guest_uses_resources_of_the_host() {
    let mut bank = Bank::default();
    let account = bank.open("ada", 7);
    let (mut store, branch) = branch(bank);
    let account = branch.example_bank_ledger().call_audit(&mut store, account).unwrap();
    let bank = store.data_mut();
    assert_eq!((bank.log.as_slice(), bank.is_closed, bank.table.len()), (&["ada".to_string()][..], true, 1));
    let Money { owner, cents, .. } = bank.table.delete(money(&account)).unwrap();
    assert_eq!((owner.as_str(), cents), ("ada and bank", 3));
}

#[test]
fn cases_of_variants_come_back() {
    let (mut store, branch) = branch(Bank::default());
    let entries = [Entry { owner: "kurt".into(), cents: 71 }];
    let ledger = branch.example_bank_ledger();
    let mut note = |code| ledger.call_note(&mut store, &entries, (code, 0.5)).unwrap();
    assert_eq!(note(0), Ok(()));
    assert_eq!(note(1), Err(Refusal::Insufficient(71)));
    assert_eq!(note(2), Err(Refusal::UnknownOwner("kurt".into())));
    assert_eq!(note(3), Err(Refusal::Closed));
}

#[test]
fn functions_of_the_world_take_references() {
    let (mut store, branch) = branch(Bank::default());
    let word = String::from("four");
    assert_eq!(branch.call_type(&mut store, &["a".into(), "b".into()], Some(&word)).unwrap(), 1204);
    assert_eq!(branch.call_type(&mut store, &[], None).unwrap(), 1099);
}

#[test]
fn the_host_uses_resources_of_a_guest() {
    let (mut store, branch) = branch(Bank::default());
    let counters = branch.teller().counter();
    let counter = counters.call_constructor(&mut store, 5).unwrap();
    let other = counters.call_constructor(&mut store, 50).unwrap();
    assert_eq!(counters.call_next(&mut store, counter).unwrap(), 5);
    assert_eq!(counters.call_next(&mut store, other).unwrap(), 50);
    assert_eq!(counters.call_next(&mut store, counter).unwrap(), 6);
    assert!(store.data().log.is_empty());
    counter.resource_drop(&mut store).unwrap();
    assert_eq!(store.data().log, ["gone"]);
    assert_eq!(counters.call_next(&mut store, other).unwrap(), 51);
    let error = counters.call_next(&mut store, counter).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&ResourceError::NotHeld));
}
