"""Reading item definitions (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.problems import Problems, clip
from engine.dmn import limits
from engine.dmn.expressions import Expressions, Scope, tag
from engine.dmn.namespaces import child, children, walk
from engine.dmn.saying import say
from engine.dmn.types import ANY, BUILT_IN, Type
from engine.feel.compiling.tests import Tester
from engine.feel.naming import normal

_TRUE = ("true", "1")


class Items:
    """The item definitions of one file, by name; each is read when it is first asked for."""

    def __init__(self, root: etree._Element, expressions: Expressions, problems: Problems) -> None:
        self.problems = problems
        self.expressions = expressions
        self.elements: dict[str, etree._Element] = {}
        self.made: dict[str, Type] = {}
        self.doing: list[str] = []
        for element in children(root, "itemDefinition"):
            name = normal(element.get("name") or "")
            if name in self.elements or name in BUILT_IN:
                zh, en = f"类型“{clip(name)}”定义了两次", f"the type “{clip(name)}” is defined twice"
                say(problems, "duplicate-name", element, zh, en)
            self.elements.setdefault(name, element)
        if sum(1 for _ in _definitions(root)) > limits.MAX_TYPES:
            most = limits.MAX_TYPES
            say(
                problems,
                "too-many-types",
                root,
                f"类型及其成分超过 {most} 个",
                f"there are more than {most} types and parts",
            )
            self.elements.clear()

    def read_all(self) -> None:
        """Read those too that nothing uses: all problems are said."""
        for name, element in self.elements.items():
            self.named(name, element)

    def named(self, reference: str | None, element: etree._Element) -> Type:
        """The type of a `typeRef`; Any where none is given, or where it is no good, the problem said."""
        name = normal(reference or "")
        if name not in self.elements and name not in BUILT_IN:
            name = name.rpartition(":")[2]  # DMN 1.1 writes a qualified name
        if not name:
            return ANY
        if name in self.made:
            return self.made[name]
        if name in self.elements and name not in BUILT_IN:
            return self._definition(name, self.elements[name])
        base = BUILT_IN.get(name)
        if base is None:
            zh = f"没有类型“{clip(name)}”；请在 itemDefinition 中定义，或用 string、number、boolean、date 等"
            en = f"there is no type “{clip(name)}”; define it by an itemDefinition, or use string, number, boolean, date …"
            say(self.problems, "unknown-type", element, zh, en)
        return ANY if base in (None, "Any") else Type(name, base)

    def _definition(self, name: str, element: etree._Element) -> Type:
        if name in self.doing:
            zh, en = (
                f"类型“{clip(name)}”的定义绕回自身",
                f"the definition of the type “{clip(name)}” leads back to itself",
            )
            say(self.problems, "type-cycle", element, zh, en)
            return ANY
        if len(self.doing) >= limits.MAX_TYPES_DEEP:
            most = limits.MAX_TYPES_DEEP
            say(
                self.problems,
                "too-deep",
                element,
                f"类型相互引用超过 {most} 层",
                f"types build on one another more than {most} deep",
            )
            return ANY
        self.doing.append(name)
        self.made[name] = made = self._made(name, element)
        self.doing.pop()
        return made

    def _made(self, name: str, element: etree._Element) -> Type:
        self._language(element)
        reference, components = child(element, "typeRef"), children(element, "itemComponent")
        if (function := child(element, "functionItem")) is not None:
            zh, en = (
                f"类型“{clip(name)}”是函数类型，不支持",
                f"the type “{clip(name)}” is a function type, which is not supported",
            )
            say(self.problems, "function-type", function, zh, en)
            return ANY
        if reference is not None and components:
            zh, en = f"类型“{clip(name)}”既有 typeRef 又有成分", f"the type “{clip(name)}” has both a typeRef and parts"
            say(self.problems, "contradiction", element, zh, en)
        under = ANY
        if components:
            under = Type(name, parts=self._parts(components))
        elif reference is not None:
            under = self.named(reference.text, element)
        many = (element.get("isCollection") or "false").strip() in _TRUE
        allowed, constraint = self._tests(element, "allowedValues"), self._tests(element, "typeConstraint")
        if under is ANY and not many and not allowed and not constraint:
            return ANY
        return Type(name, under=under, many=many, allowed=allowed, constraint=constraint)

    def _language(self, element: etree._Element) -> None:
        language = (element.get("typeLanguage") or element.getroottree().getroot().get("typeLanguage") or "").strip()
        if language and "omg.org/spec" not in language and language.lower() != "feel":
            shown = clip(language, 60)
            zh, en = f"类型语言是 {shown}，只支持 FEEL", f"the type language is {shown}; only FEEL is supported"
            say(self.problems, "type-language", element, zh, en)

    def _parts(self, components: list[etree._Element]) -> tuple[tuple[str, Type], ...]:
        parts: dict[str, Type] = {}
        for component in components:
            name = normal(component.get("name") or "")
            if name in parts:
                zh, en = f"成分“{clip(name)}”出现了两次", f"the part “{clip(name)}” stands twice"
                say(self.problems, "duplicate-name", component, zh, en)
            parts[name] = self._made(name, component)
        return tuple(parts.items())

    def _tests(self, element: etree._Element, which: str) -> tuple[tuple[Tester, str], ...]:
        found = child(element, which)
        if found is None:
            return ()
        zh = "允许的值" if which == "allowedValues" else "类型约束"
        scope = Scope()
        tests = self.expressions.tests(found, (zh, tag(found)), scope)
        for name in sorted(scope.free):
            say(
                self.problems,
                "unknown-name",
                found,
                f"{zh}只能用常量和 ?，不能用“{clip(name)}”",
                f"{tag(found)} may use constants and ?, not “{clip(name)}”",
            )
        return () if tests is None or not tests.tree.tests else ((tests.tester, tests.text),)


def _definitions(root: etree._Element) -> list[etree._Element]:
    return [each for each in walk(root) if tag(each) in ("itemDefinition", "itemComponent")]
