//! Directives → verdicts, by doing what they say on an engine.
//!
//! Each script gets an engine of its own (its path chooses the proposals), one store, and the module `spectest`. Assumes nothing of the script. Promises
//! that every directive gets exactly one verdict, that a directive which deviates without being listed in the table of expectations fails, that a
//! listed one which passes fails too (and so does a script that is listed as awaiting something and holds entirely), and that the answer to an assertion about a binary names the right *stage*: malformed is not invalid.
//!
//! What text cannot be is the text parser's business: those assertions pass when it refuses, or, where it is more lenient than the script, when
//! the engine refuses what it made of the text. They are counted apart.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use whit_core::{
    CompilationMode, Config, Engine, Error, ErrorKind, ExecutionEngine, Instance, Linker, MemoryPolicy, Module,
    SharedMemory, Store, TrapCode, Val,
};

use whit_component::Component;

use crate::component;
use crate::expectations::Expectations;
use crate::features::{Feature, Features, Overrides};
use crate::matching;
use crate::report::{Counts, FileReport, Note};
use crate::script::{Action, Directive, DirectiveKind, Form, Invoke, ModuleSource, Refusal, Script};
use crate::spectest::{self, Sink};

/// How scripts are run.
#[derive(Clone)]
pub struct Options {
    /// The engine that executes.
    pub execution: ExecutionEngine,
    /// When bodies are validated and translated.
    pub mode: CompilationMode,
    /// How memories hold their bytes.
    pub memory: MemoryPolicy,
    /// Fuel for each directive; `None` runs without metering.
    pub fuel: Option<u64>,
    /// Bytes of guest stack; `None` for the engine's default.
    pub max_wasm_stack: Option<usize>,
    /// Proposals switched by hand, over what the script asks for.
    pub overrides: Overrides,
    /// Where `spectest` prints.
    pub sink: Sink,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            execution: ExecutionEngine::Auto,
            mode: CompilationMode::Lazy,
            memory: MemoryPolicy::Flat,
            fuel: None,
            max_wasm_stack: None,
            overrides: Overrides::default(),
            sink: Arc::new(|_| {}),
        }
    }
}

/// The scripts at `paths`: files as they are, folders searched for `.wast`, sorted within each.
///
/// # Errors
/// A path does not exist or cannot be read, with its name.
pub fn find_scripts(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    fn search(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                search(&path, found)?;
            } else if path.extension().is_some_and(|extension| extension == "wast") {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
        if metadata.is_dir() {
            search(path, &mut found).map_err(|e| format!("{}: {e}", path.display()))?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Runs `scripts` on `jobs` threads and gives what each came to to `report`, in the order of `scripts`, as soon as its turn has come.
pub fn run_all<R: Send>(
    scripts: &[PathBuf],
    jobs: usize,
    run: impl Fn(&Path) -> R + Sync,
    mut report: impl FnMut(R) + Send,
) {
    let next = AtomicUsize::new(0);
    // Whose turn it is, and what came before its turn.
    let waiting = Mutex::new((0, HashMap::new(), &mut report));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(script) = scripts.get(index) else { return };
            let finished = run(script);
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let (turn, early, report) = &mut *waiting;
            early.insert(index, finished);
            while let Some(finished) = early.remove(turn) {
                report(finished);
                *turn += 1;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, scripts.len().max(1)) {
            scope.spawn(work);
        }
    });
}

/// Reads and runs the script at `path`.
pub fn run_file(path: &Path, options: &Options, expectations: &Expectations) -> FileReport {
    match read(path) {
        Ok((script, features)) => run_script(path, &script, features, options, expectations),
        Err(note) => awaited(unreadable(path, note, expectations), expectations),
    }
}

/// The report of a script as the table of expectations wants it: one that awaits something is that, unless all of it holds.
fn awaited(mut report: FileReport, expectations: &Expectations) -> FileReport {
    let Some(what) = expectations.awaited_by(&report.path) else { return report };
    let Some(first) = report.failures.first().or(report.skips.first()) else {
        report.counts.failed += 1;
        let message = format!("unexpected pass: expectations.toml says that the script awaits {what}");
        report.failures.push(Note { line: None, message });
        return report;
    };
    let line = first.line.map_or_else(String::new, |line| format!("line {line}: "));
    let note = Note { line: None, message: format!("{what} ({line}{})", first.message) };
    let counts = Counts { awaiting: 1, ..Counts::default() };
    FileReport { path: report.path, counts, awaited: vec![note], ..FileReport::default() }
}

/// Reads the script at `path` and what it asks of the engine.
///
/// # Errors
/// The file cannot be read, or is not a script, or has a header that cannot be obeyed.
pub fn read(path: &Path) -> Result<(Script, Features), Note> {
    let bytes = fs::read(path).map_err(|e| Note { line: None, message: e.to_string() })?;
    // Names in scripts may be any bytes, but the script itself is text.
    let text = String::from_utf8(bytes).map_err(|e| Note { line: None, message: e.to_string() })?;
    let mut features = Features::for_path(path);
    features.read_header(&text).map_err(|e| Note { line: Some(e.line), message: e.to_string() })?;
    let script = Script::parse(&text).map_err(|e| Note { line: Some(e.line), message: e.message })?;
    Ok((script, features))
}

/// The report of a file that is not a script: a failure, unless the table knows the tool does not read it.
pub fn unreadable(path: &Path, note: Note, expectations: &Expectations) -> FileReport {
    let mut report = FileReport { path: path.to_path_buf(), ..FileReport::default() };
    match expectations.find(path, None) {
        Some(deviation) => {
            report.counts.known = 1;
            report.deviations.push(Note { line: None, message: format!("{}: {}", deviation.tool, deviation.reason) });
        }
        None => {
            report.counts.failed = 1;
            report.failures.push(note);
        }
    }
    report
}

/// Runs a script that was read from `path`.
pub fn run_script(
    path: &Path,
    script: &Script,
    features: Features,
    options: &Options,
    expectations: &Expectations,
) -> FileReport {
    let mut judge =
        Judge { path, expectations, report: FileReport { path: path.to_path_buf(), ..FileReport::default() } };
    match Environment::new(options.overrides.apply(features), options.clone(), None) {
        Ok(mut environment) => {
            environment.run(&script.directives);
            for (line, error) in environment.finish() {
                judge.fail(Some(line), error);
            }
            for Outcome { directives, index, verdict } in environment.outcomes {
                judge.judge(&directives[index], verdict);
            }
        }
        Err(error) => {
            judge.fail(None, format!("no environment for the script: {error}"));
            return judge.report;
        }
    }
    awaited(judge.close(), expectations)
}

/// What a directive came to.
enum Verdict {
    /// It did what it must.
    Held,
    /// The same, but it was the text parser that answered.
    HeldByText,
    /// It was not run.
    Skipped(String),
}

/// Turns outcomes into counts, with the table of expectations at hand.
struct Judge<'a> {
    path: &'a Path,
    expectations: &'a Expectations,
    report: FileReport,
}

impl Judge<'_> {
    fn judge(&mut self, directive: &Directive, verdict: Result<Verdict, String>) {
        let line = Some(directive.line);
        let assertion = directive.kind.is_assertion();
        let counts = &mut self.report.counts;
        counts.assertions += usize::from(assertion);
        match (verdict, self.expectations.find(self.path, line)) {
            (Ok(Verdict::Skipped(message)), _) => {
                counts.skipped += 1;
                self.report.skips.push(Note { line, message });
            }
            (Err(_), Some(deviation)) => {
                counts.known += 1;
                let message = format!("{}: {}", deviation.tool, deviation.reason);
                self.report.deviations.push(Note { line, message });
            }
            // Counted where the table is compared with what deviated.
            (Ok(_), Some(_)) => {}
            (Ok(verdict), None) => {
                counts.passed += usize::from(assertion);
                counts.text += usize::from(assertion && matches!(verdict, Verdict::HeldByText));
            }
            (Err(why), None) => self.fail(line, why),
        }
    }

    fn fail(&mut self, line: Option<usize>, message: String) {
        self.report.counts.failed += 1;
        self.report.failures.push(Note { line, message });
    }

    /// Ends the file: an entry of the table that nothing deviated by has outlived its reason.
    fn close(mut self) -> FileReport {
        for deviation in self.expectations.of_file(self.path) {
            if !self.report.deviations.iter().any(|note| note.line == deviation.line) {
                let why =
                    format!("unexpected pass: expectations.toml says that {} {}", deviation.tool, deviation.reason);
                self.fail(deviation.line, why);
            }
        }
        self.report.failures.sort_by_key(|note| note.line);
        self.report
    }
}

/// What one directive came to, in the thread that ran it.
struct Outcome {
    directives: Arc<[Directive]>,
    index: usize,
    verdict: Result<Verdict, String>,
}

/// What a thread of the script leaves behind: its outcomes, and the bodies that turned out not to translate.
type Remains = (Vec<Outcome>, Vec<(usize, String)>);

/// What a definition's `$name` stands for.
#[derive(Clone)]
enum Definition {
    Module(Module),
    Component(Component),
}

/// What a `$name` stands for.
#[derive(Clone)]
enum Named {
    /// An instance of this thread.
    Instance(Instance),
    /// An instance of a component, by its number.
    Component(usize),
    /// What this thread may see of an instance of the thread that started it: memories made to be shared.
    Shared(Vec<(String, SharedMemory)>),
}

/// The state that directives build up.
struct Environment {
    features: Features,
    options: Options,
    store: Store<()>,
    linker: Linker<()>,
    /// Modules under their names, and the latest under none.
    definitions: HashMap<Option<String>, Definition>,
    /// Instances under their names, and the current one under none.
    instances: HashMap<Option<String>, Named>,
    /// The instances of components, each in a store of its own.
    components: Vec<component::Instance>,
    /// Every module with the line it came from: what was never called is translated in the end.
    modules: Vec<(usize, Module)>,
    threads: HashMap<String, thread::JoinHandle<Remains>>,
    outcomes: Vec<Outcome>,
    untranslatable: Vec<(usize, String)>,
}

impl Environment {
    /// An empty environment; a thread of a script passes the engine it shares.
    fn new(features: Features, options: Options, engine: Option<&Engine>) -> Result<Self, Error> {
        let engine = match engine {
            Some(engine) => engine.clone(),
            None => Engine::new(&config(features, &options))?,
        };
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store, features, &options.sink)?;
        Ok(Self {
            features,
            options,
            store,
            linker,
            definitions: HashMap::new(),
            instances: HashMap::new(),
            components: Vec::new(),
            modules: Vec::new(),
            threads: HashMap::new(),
            outcomes: Vec::new(),
            untranslatable: Vec::new(),
        })
    }

    fn run(&mut self, directives: &Arc<[Directive]>) {
        for (index, directive) in directives.iter().enumerate() {
            let verdict = self.directive(directive);
            self.outcomes.push(Outcome { directives: directives.clone(), index, verdict });
        }
    }

    /// Ends the threads nobody waited for, and translates every body that was not called. What is wrong with those is returned with the line
    /// of their module.
    fn finish(&mut self) -> Vec<(usize, String)> {
        let names: Vec<String> = self.threads.keys().cloned().collect();
        for name in names {
            // Its outcomes are those of its own directives; a panic in it is a defect of the runner and shown as such.
            if let Err(error) = self.wait(&name) {
                self.untranslatable.push((0, error));
            }
        }
        for (line, module) in &self.modules {
            if let Err(error) = module.translate_all() {
                self.untranslatable.push((*line, format!("a body that was never called does not translate: {error}")));
            }
        }
        std::mem::take(&mut self.untranslatable)
    }

    fn directive(&mut self, directive: &Directive) -> Result<Verdict, String> {
        if let Some(fuel) = self.options.fuel {
            self.store.set_fuel(fuel).map_err(|e| e.to_string())?;
        }
        match &directive.kind {
            DirectiveKind::Module { name, source } => {
                let definition = self.define(directive.line, name.as_ref(), source)?;
                self.instantiate(name.as_ref(), &definition)?;
            }
            DirectiveKind::ModuleDefinition { name, source } => {
                self.define(directive.line, name.as_ref(), source)?;
            }
            DirectiveKind::ModuleInstance { instance, definition } => {
                let found = self.definitions.get(definition).cloned();
                let found = found.ok_or_else(|| format!("no definition {}", shown(definition.as_ref())))?;
                self.instantiate(instance.as_ref(), &found)?;
            }
            DirectiveKind::Register { name, instance } => self.register(name, instance.as_ref())?,
            DirectiveKind::Invoke(invoke) => match self.component_of(invoke) {
                Some(component) => {
                    component.invoke(invoke)?.map_err(|e| e.to_string())?;
                }
                None => {
                    self.invoke(invoke)?.map_err(|e| e.to_string())?;
                }
            },
            DirectiveKind::AssertRefused { stage, custom, source, message } => {
                return self.assert_refused(*stage, *custom, source, message);
            }
            DirectiveKind::AssertUnlinkable { source, message } if source.is_component => {
                let component = self.component(source)?;
                match component::Instance::new(&component) {
                    Ok(_) => return Err(format!("links, expected: {message}")),
                    Err(error) => component::expect_unlinkable(&error, message)?,
                }
            }
            DirectiveKind::AssertUnlinkable { source, message } => {
                let module = self.module(source)?;
                match self.linker.instantiate(&mut self.store, &module) {
                    Ok(_) => return Err(format!("links, expected: {message}")),
                    Err(error) => expect(&error, ErrorKind::Link, message)?,
                }
            }
            DirectiveKind::AssertTrap { action, message } if self.is_of_component(action) => {
                component::expect_trap(self.act_component(action)?, message)?;
            }
            DirectiveKind::AssertTrap { action, message } => {
                expect(&self.must_fail(action)?, ErrorKind::Trap, message)?;
            }
            DirectiveKind::AssertReturn { action, results } if self.is_of_component(action) => {
                component::expect_results(self.act_component(action)?, results)?;
            }
            DirectiveKind::AssertReturn { action, results } => {
                let values = self.act(action)?.map_err(|e| e.to_string())?;
                if !matching::all_match(&self.store, &values, results).map_err(|e| e.to_string())? {
                    return Err(format!("returned {}, expected {results:?}", matching::describe(&values)));
                }
            }
            DirectiveKind::AssertExhaustion { invoke, message } => match self.invoke(invoke)? {
                Ok(values) => return Err(format!("returned {}, expected: {message}", matching::describe(&values))),
                Err(error) if error.as_trap().is_some_and(|trap| trap.code() == TrapCode::StackOverflow) => {
                    expect(&error, ErrorKind::Trap, message)?;
                }
                Err(error) => return Err(format!("{error}, expected: {message}")),
            },
            DirectiveKind::AssertException { action } => {
                expect(&self.must_fail(action)?, ErrorKind::Exception, "")?;
            }
            DirectiveKind::AssertSuspension { .. } => return Ok(Verdict::Skipped("stack switching".into())),
            DirectiveKind::Thread { name, shared, directives } => self.spawn(name, shared.as_ref(), directives)?,
            DirectiveKind::Wait { thread } => self.wait(thread)?,
            DirectiveKind::Unsupported { what, .. } => return Ok(Verdict::Skipped(what.clone())),
        }
        Ok(Verdict::Held)
    }

    fn module(&self, source: &ModuleSource) -> Result<Module, String> {
        let binary = source.binary.as_ref().map_err(|e| format!("the text parser refuses it: {e}"))?;
        Module::new(self.store.engine(), binary).map_err(|e| e.to_string())
    }

    fn component(&self, source: &ModuleSource) -> Result<Component, String> {
        let binary = source.binary.as_ref().map_err(|e| format!("the text parser refuses it: {e}"))?;
        Component::new(self.store.engine(), binary).map_err(|e| e.to_string())
    }

    fn define(&mut self, line: usize, name: Option<&String>, source: &ModuleSource) -> Result<Definition, String> {
        let definition = match source.is_component {
            true => Definition::Component(self.component(source)?),
            false => {
                let module = self.module(source)?;
                self.modules.push((line, module.clone()));
                Definition::Module(module)
            }
        };
        self.definitions.insert(None, definition.clone());
        if name.is_some() {
            self.definitions.insert(name.cloned(), definition.clone());
        }
        Ok(definition)
    }

    fn instantiate(&mut self, name: Option<&String>, definition: &Definition) -> Result<(), String> {
        // A module that does not come to life leaves no current instance behind.
        self.instances.remove(&None);
        let named = match definition {
            Definition::Module(module) => {
                Named::Instance(self.linker.instantiate(&mut self.store, module).map_err(|e| e.to_string())?)
            }
            Definition::Component(component) => {
                self.components.push(component::Instance::new(component).map_err(|e| e.to_string())?);
                Named::Component(self.components.len() - 1)
            }
        };
        if name.is_some() {
            self.instances.insert(name.cloned(), named.clone());
        }
        self.instances.insert(None, named);
        Ok(())
    }

    /// The component instance that a call is for, if it is for one.
    fn component_of(&mut self, invoke: &Invoke) -> Option<&mut component::Instance> {
        match self.instances.get(&invoke.instance)? {
            Named::Component(number) => self.components.get_mut(*number),
            _ => None,
        }
    }

    /// Whether an action is about a component.
    fn is_of_component(&mut self, action: &Action) -> bool {
        match action {
            Action::Invoke(invoke) => self.component_of(invoke).is_some(),
            Action::Instantiate(source) => source.is_component,
            Action::Get { .. } => false,
        }
    }

    /// Does an action that is about a component.
    fn act_component(&mut self, action: &Action) -> Result<component::Outcome, String> {
        match action {
            Action::Invoke(invoke) => match self.component_of(invoke) {
                Some(component) => component.invoke(invoke),
                None => Err("no such component instance".into()),
            },
            Action::Instantiate(source) => {
                let component = self.component(source)?;
                Ok(component::Instance::new(&component).map(|_| None))
            }
            Action::Get { .. } => Err("a component has no globals".into()),
        }
    }

    fn register(&mut self, name: &str, instance: Option<&String>) -> Result<(), String> {
        match self.named(instance)?.clone() {
            Named::Instance(instance) => self.linker.instance(&mut self.store, name, instance).map(|_| ()),
            Named::Component(_) => return Err("an instance of a component cannot be registered".into()),
            Named::Shared(memories) => memories.into_iter().try_for_each(|(export, memory)| {
                self.linker.define(&mut self.store, name, &export, memory).map(|_| ())
            }),
        }
        .map_err(|e| e.to_string())
    }

    fn named(&self, name: Option<&String>) -> Result<&Named, String> {
        self.instances.get(&name.cloned()).ok_or_else(|| format!("no instance {}", shown(name)))
    }

    fn instance(&self, name: Option<&String>) -> Result<Instance, String> {
        match self.named(name)? {
            Named::Instance(instance) => Ok(*instance),
            Named::Component(_) => Err(format!("{} is an instance of a component", shown(name))),
            Named::Shared(_) => Err(format!("{} belongs to another thread", shown(name))),
        }
    }

    /// Does `action`. The outer error is a mistake of the script, the inner one is what the action came to.
    fn act(&mut self, action: &Action) -> Result<Result<Vec<Val>, Error>, String> {
        match action {
            Action::Invoke(invoke) => self.invoke(invoke),
            Action::Get { instance, global } => {
                let instance = self.instance(instance.as_ref())?;
                let global = instance.get_global(&mut self.store, global);
                let global = global.ok_or("the instance exports no such global")?;
                Ok(Ok(vec![global.get(&mut self.store)]))
            }
            Action::Instantiate(source) => {
                let module = self.module(source)?;
                Ok(self.linker.instantiate(&mut self.store, &module).map(|_| Vec::new()))
            }
        }
    }

    fn invoke(&mut self, invoke: &Invoke) -> Result<Result<Vec<Val>, Error>, String> {
        let instance = self.instance(invoke.instance.as_ref())?;
        let func = instance.get_func(&mut self.store, &invoke.name);
        let func = func.ok_or_else(|| format!("the instance exports no function `{}`", invoke.name))?;
        Ok(matching::call(&mut self.store, &func, &invoke.arguments))
    }

    fn must_fail(&mut self, action: &Action) -> Result<Error, String> {
        match self.act(action)? {
            Ok(values) => Err(format!("returned {}", matching::describe(&values))),
            Err(error) => Ok(error),
        }
    }

    fn assert_refused(
        &self,
        stage: Refusal,
        custom: bool,
        source: &ModuleSource,
        message: &str,
    ) -> Result<Verdict, String> {
        let binary = match &source.binary {
            Err(_) => return Ok(Verdict::HeldByText),
            // Custom sections mean nothing to an engine, which therefore has no opinion on them.
            Ok(_) if custom => return Err(format!("the text parser accepts it, expected: {message}")),
            Ok(binary) => binary,
        };
        // A lazy engine looks at bodies when they are called; what it is asked here is about the whole module.
        let refusal = match self.options.mode {
            _ if source.is_component => Component::validate(self.store.engine(), binary).err(),
            CompilationMode::Lazy => Module::validate(self.store.engine(), binary).err(),
            _ => Module::new(self.store.engine(), binary).err(),
        };
        let Some(error) = refusal else { return Err(format!("accepted, expected: {message}")) };
        match (source.form, stage, error.kind()) {
            (_, Refusal::Malformed, ErrorKind::Parse) | (_, Refusal::Invalid, ErrorKind::Validation) => {
                Ok(Verdict::Held)
            }
            // The text breaks a rule of the text format that the parser does not know: what it made of it is merely invalid.
            (Form::Quote, Refusal::Malformed, ErrorKind::Validation) => Ok(Verdict::HeldByText),
            (_, _, kind) => Err(format!("refused as {kind:?} and not as {stage:?}: {error}, expected: {message}")),
        }
    }

    fn spawn(&mut self, name: &str, shared: Option<&String>, directives: &Arc<[Directive]>) -> Result<(), String> {
        let mut environment = Self::new(self.features, self.options.clone(), Some(self.store.engine()))
            .map_err(|e| format!("no environment for the thread: {e}"))?;
        if let Some(shared) = shared {
            let instance = self.instance(Some(shared))?;
            let exports =
                instance.exports(&mut self.store).map(|export| (export.name().to_string(), export.into_extern()));
            let memories = exports.filter_map(|(name, export)| Some((name, export.into_shared_memory()?))).collect();
            environment.instances.insert(Some(shared.clone()), Named::Shared(memories));
        }
        let directives = directives.clone();
        let body = move || {
            environment.run(&directives);
            let untranslatable = environment.finish();
            (environment.outcomes, untranslatable)
        };
        let thread = thread::Builder::new().name(name.to_string()).spawn(body).map_err(|e| e.to_string())?;
        match self.threads.insert(name.to_string(), thread) {
            None => Ok(()),
            Some(_) => Err(format!("there is a thread ${name} already")),
        }
    }

    fn wait(&mut self, name: &str) -> Result<(), String> {
        let thread = self.threads.remove(name).ok_or_else(|| format!("no thread ${name}"))?;
        let (outcomes, untranslatable) = thread.join().map_err(|_| format!("the thread ${name} panicked"))?;
        self.outcomes.extend(outcomes);
        self.untranslatable.extend(untranslatable);
        Ok(())
    }
}

/// Whether `error` is of this kind and says what the script expects: one text is the beginning of the other, since scripts add details to some
/// messages and engines to others.
fn expect(error: &Error, kind: ErrorKind, message: &str) -> Result<(), String> {
    if error.kind() != kind {
        return Err(format!("{:?}: {error}, expected {kind:?}: {message}", error.kind()));
    }
    let text = match error.as_trap() {
        Some(trap) => trap.code().message().to_string(),
        None => error.to_string(),
    };
    if text.starts_with(message) || message.starts_with(&text) {
        return Ok(());
    }
    Err(format!("{text}, expected: {message}"))
}

fn shown(name: Option<&String>) -> String {
    name.map_or_else(|| "without a name".into(), |name| format!("${name}"))
}

/// The engine's settings for a script.
pub fn config(features: Features, options: &Options) -> Config {
    let mut config = Config::new();
    apply_features(&mut config, features);
    config.execution(options.execution).compilation_mode(options.mode).memory_policy(options.memory);
    config.consume_fuel(options.fuel.is_some());
    if let Some(bytes) = options.max_wasm_stack {
        config.max_wasm_stack(bytes);
    }
    config
}

/// Switches each proposal of `config` as `features` says.
pub fn apply_features(config: &mut Config, features: Features) {
    for feature in Feature::ALL {
        let on = features.has(*feature);
        match feature {
            Feature::ReferenceTypes => config.wasm_reference_types(on),
            Feature::BulkMemory => config.wasm_bulk_memory(on),
            Feature::MultiValue => config.wasm_multi_value(on),
            Feature::TailCall => config.wasm_tail_call(on),
            Feature::ExtendedConst => config.wasm_extended_const(on),
            Feature::MultiMemory => config.wasm_multi_memory(on),
            Feature::Memory64 => config.wasm_memory64(on),
            Feature::FunctionReferences => config.wasm_function_references(on),
            Feature::Gc => config.wasm_gc(on),
            Feature::Exceptions => config.wasm_exceptions(on),
            Feature::Simd => config.wasm_simd(on),
            Feature::RelaxedSimd => config.wasm_relaxed_simd(on),
            Feature::Threads => config.wasm_threads(on),
            Feature::CustomPageSizes => config.wasm_custom_page_sizes(on),
            Feature::WideArithmetic => config.wasm_wide_arithmetic(on),
            Feature::CustomDescriptors => config.wasm_custom_descriptors(on),
            Feature::LegacyExceptions => config.wasm_legacy_exceptions(on),
        };
    }
}
