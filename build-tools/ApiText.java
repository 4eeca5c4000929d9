import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes what a module exports as text, one line per type and member, and compares that with the committed
 * {@code api.txt}, so that a change of the public API shows in review.
 *
 * <p>Run by the build as a single source file, with the module's class path: {@code java -cp ... ApiText.java
 * <target/classes> <api.txt> <update>}. With {@code update} true the file is written instead of compared. It reads
 * class files by reflection, without initializing a class, and prints the same on every JDK.
 */
final class ApiText {
    private static final Pattern TYPE_NAME = Pattern.compile("(?:class|interface|enum|record) ([\\w.]+)");

    private final Path classes;
    private final ModuleDescriptor module;
    private final List<String> lines = new ArrayList<>();

    private ApiText(Path classes) throws IOException {
        this.classes = classes;
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            this.module = ModuleDescriptor.read(in);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path committed = Path.of(arguments[1]);
        boolean update = !arguments[2].equals("false");
        List<String> actual = new ApiText(Path.of(arguments[0])).write();
        List<String> expected = Files.exists(committed) ? Files.readAllLines(committed) : List.of();
        if (actual.equals(expected)) {
            return;
        }
        (update ? System.out : System.err).print(differences(expected, actual));
        if (update) {
            Files.writeString(committed, String.join("\n", actual) + "\n");
            System.out.println("Wrote " + committed + ". Commit it with the change.");
        } else {
            System.err.println("The public API is not what " + committed + " says (- committed, + compiled)."
                    + " If that is meant, run: mvn -DskipTests -Dapi.update verify, and commit the file.");
            System.exit(1);
        }
    }

    /** The lines that differ, each under the type it belongs to. */
    private static String differences(List<String> expected, List<String> actual) {
        Set<String> before = qualified(expected);
        Set<String> after = qualified(actual);
        Set<String> all = new LinkedHashSet<>(before);
        all.addAll(after);
        return all.stream()
                .filter(line -> !(before.contains(line) && after.contains(line)))
                .map(line -> (before.contains(line) ? "- " : "+ ") + line + "\n")
                .collect(joining());
    }

    private static Set<String> qualified(List<String> lines) {
        Set<String> result = new LinkedHashSet<>();
        String packageName = "";
        String owner = "";
        for (String line : lines) {
            Matcher type = TYPE_NAME.matcher(line);
            if (line.startsWith("    ")) {
                result.add(owner + ": " + line.strip());
                continue;
            }
            if (line.startsWith("package ")) {
                packageName = line.substring("package ".length());
            }
            owner = type.find() ? packageName + "." + type.group(1) : line;
            result.add(line.isEmpty() || owner.equals(line) ? line : owner + ": " + line);
        }
        return result;
    }

    private List<String> write() throws Exception {
        lines.add("module " + module.name());
        module.requires().stream()
                .filter(required -> required.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE))
                .map(required -> "    requires transitive " + required.name())
                .sorted()
                .forEach(lines::add);
        module.uses().stream().map(service -> "    uses " + service).sorted().forEach(lines::add);
        module.provides().stream()
                .map(provided -> "    provides " + provided.service())
                .sorted()
                .forEach(lines::add);
        List<ModuleDescriptor.Exports> exports = module.exports().stream()
                .filter(exported -> !exported.isQualified())
                .sorted(Comparator.comparing(ModuleDescriptor.Exports::source))
                .toList();
        for (ModuleDescriptor.Exports exported : exports) {
            lines.add("");
            lines.add("package " + exported.source());
            int start = lines.size();
            for (Class<?> type : types(exported.source())) {
                writeType(type);
            }
            // Types of the package itself and of java.lang read better by their simple names.
            String prefix = "\\b(" + Pattern.quote(exported.source()) + "|java\\.lang)\\.(?=[A-Z])";
            lines.subList(start, lines.size()).replaceAll(line -> line.replaceAll(prefix, ""));
        }
        return lines;
    }

    private List<Class<?>> types(String packageName) throws Exception {
        List<String> names;
        try (Stream<Path> files = Files.list(classes.resolve(packageName.replace('.', '/')))) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> packageName + "." + name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
        List<Class<?>> types = new ArrayList<>();
        for (String name : names) {
            Class<?> type = Class.forName(name, false, ApiText.class.getClassLoader());
            if (isVisible(type)) {
                types.add(type);
            }
        }
        return types;
    }

    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        Class<?> outer = type.getEnclosingClass();
        return isVisible(type.getModifiers(), outer) && (outer == null || isVisible(outer));
    }

    /** Whether code outside the package can use it; protected counts only where a subclass is possible. */
    private static boolean isVisible(int modifiers, Class<?> owner) {
        return Modifier.isPublic(modifiers)
                || Modifier.isProtected(modifiers) && owner != null && !Modifier.isFinal(owner.getModifiers());
    }

    private void writeType(Class<?> type) {
        lines.add("");
        lines.add(header(type));
        if (type.isEnum()) {
            Arrays.stream(type.getFields())
                    .filter(Field::isEnumConstant)
                    .forEach(constant -> lines.add("    constant " + deprecation(constant) + constant.getName()));
        }
        Set<String> members = new TreeSet<>();
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isListed(constructor, type)) {
                members.add("    " + signature(constructor, "new"));
            }
        }
        // A superclass that is not visible itself still lends its members to the type.
        Class<?> declaring = type;
        do {
            for (Field field : declaring.getDeclaredFields()) {
                if (isListed(field, type) && !field.isEnumConstant()) {
                    members.add(
                            "    " + deprecation(field) + modifiers(field.getModifiers() & Modifier.fieldModifiers())
                                    + text(field.getAnnotatedType()) + " " + field.getName());
                }
            }
            for (Method method : declaring.getDeclaredMethods()) {
                if (isListed(method, type)) {
                    members.add("    " + signature(method, method.getName()));
                }
            }
            declaring = declaring.getSuperclass();
        } while (declaring != null && !isVisible(declaring));
        lines.addAll(members);
    }

    private static boolean isListed(Member member, Class<?> type) {
        return isVisible(member.getModifiers(), type) && !member.isSynthetic() && !isGenerated(member, type);
    }

    /** What the compiler adds to every enum and record says nothing that the header does not say. */
    private static boolean isGenerated(Member member, Class<?> type) {
        if (!(member instanceof Executable executable)) {
            return false;
        }
        Class<?>[] parameters = executable.getParameterTypes();
        if (type.isEnum()) {
            return member.getName().equals("values") && parameters.length == 0
                    || member.getName().equals("valueOf") && Arrays.equals(parameters, new Class<?>[] {String.class});
        }
        if (!type.isRecord()) {
            return false;
        }
        RecordComponent[] components = type.getRecordComponents();
        if (member instanceof Constructor<?>) {
            return Arrays.equals(
                    parameters,
                    Arrays.stream(components).map(RecordComponent::getType).toArray());
        }
        return Arrays.stream(components)
                        .anyMatch(component -> component.getAccessor().equals(member))
                || Set.of("equals", "hashCode", "toString").contains(member.getName());
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        int modifiers = type.getModifiers();
        if (!kind.equals("class")) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.FINAL | Modifier.STATIC);
        }
        StringBuilder header = new StringBuilder(deprecation(type))
                .append(modifiers(modifiers & Modifier.classModifiers()))
                .append(type.isSealed() && !type.isEnum() ? "sealed " : "")
                .append(kind + " ")
                .append(name(type))
                .append(parameters(type.getTypeParameters()));
        if (type.isRecord()) {
            header.append(Arrays.stream(type.getRecordComponents())
                    .map(component -> text(component.getAnnotatedType()) + " " + component.getName())
                    .collect(joining(", ", "(", ")")));
        }
        AnnotatedType superclass = type.getAnnotatedSuperclass();
        if (kind.equals("class") && superclass.getType() != Object.class) {
            header.append(" extends ").append(text(superclass));
        }
        List<String> interfaces =
                Arrays.stream(type.getAnnotatedInterfaces()).map(ApiText::text).toList();
        if (!interfaces.isEmpty() && !type.isAnnotation()) {
            header.append(type.isInterface() ? " extends " : " implements ").append(String.join(", ", interfaces));
        }
        if (type.isSealed() && !type.isEnum()) {
            header.append(" permits ")
                    .append(Arrays.stream(type.getPermittedSubclasses())
                            .map(ApiText::name)
                            .sorted()
                            .collect(joining(", ")));
        }
        return header.toString();
    }

    private static String signature(Executable executable, String name) {
        StringBuilder text = new StringBuilder(deprecation(executable));
        if (executable instanceof Method method) {
            text.append(modifiers(method.getModifiers() & Modifier.methodModifiers() & ~Modifier.SYNCHRONIZED))
                    .append(method.isDefault() ? "default " : "");
        } else {
            text.append(modifiers(executable.getModifiers() & Modifier.constructorModifiers()));
        }
        String typeParameters = parameters(executable.getTypeParameters());
        text.append(typeParameters).append(typeParameters.isEmpty() ? "" : " ");
        if (executable instanceof Method method) {
            text.append(text(method.getAnnotatedReturnType())).append(" ");
        }
        // For the constructor of an inner class, reflection mixes up the types after the outer instance, and not in
        // the same way after every javac; the erased types are sure.
        boolean inner = executable instanceof Constructor<?> constructor
                && constructor.getDeclaringClass().isMemberClass()
                && !Modifier.isStatic(constructor.getDeclaringClass().getModifiers());
        String parameters = inner
                ? Arrays.stream(executable.getParameterTypes())
                        .map(ApiText::name)
                        .collect(joining(", "))
                : Arrays.stream(executable.getAnnotatedParameterTypes())
                        .map(ApiText::text)
                        .collect(joining(", "));
        if (executable.isVarArgs()) {
            parameters = parameters.substring(0, parameters.length() - "[]".length()) + "...";
        }
        text.append(name + "(" + parameters + ")");
        if (executable.getAnnotatedExceptionTypes().length > 0) {
            text.append(Arrays.stream(executable.getAnnotatedExceptionTypes())
                    .map(ApiText::text)
                    .sorted()
                    .collect(joining(", ", " throws ", "")));
        }
        if (executable instanceof Method method && method.getDefaultValue() != null) {
            text.append(" default");
        }
        return text.toString();
    }

    private static String modifiers(int modifiers) {
        String text = Modifier.toString(modifiers & ~(Modifier.TRANSIENT | Modifier.VOLATILE | Modifier.NATIVE));
        return text.isEmpty() ? "" : text + " ";
    }

    private static String deprecation(AnnotatedElement element) {
        Deprecated deprecated = element.getAnnotation(Deprecated.class);
        return deprecated == null ? "" : deprecated.forRemoval() ? "@Deprecated(forRemoval) " : "@Deprecated ";
    }

    private static String parameters(TypeVariable<?>[] variables) {
        if (variables.length == 0) {
            return "";
        }
        return Arrays.stream(variables)
                .map(variable -> variable.getName() + bounds(variable))
                .collect(joining(", ", "<", ">"));
    }

    private static String bounds(TypeVariable<?> variable) {
        String bounds =
                Arrays.stream(variable.getAnnotatedBounds()).map(ApiText::text).collect(joining(" & "));
        return bounds.isEmpty() || bounds.equals("java.lang.Object") ? "" : " extends " + bounds;
    }

    /** A type with the annotations on each of its parts, as one would write it. */
    private static String text(AnnotatedType type) {
        String annotations = Arrays.stream(type.getAnnotations())
                .map(annotation -> "@" + annotation.annotationType().getSimpleName() + " ")
                .sorted()
                .collect(joining());
        if (type instanceof AnnotatedArrayType array) {
            String brackets = annotations.isEmpty() ? "[]" : " " + annotations + "[]";
            return text(array.getAnnotatedGenericComponentType()) + brackets;
        }
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return annotations
                    + name((Class<?>) ((ParameterizedType) type.getType()).getRawType())
                    + Arrays.stream(parameterized.getAnnotatedActualTypeArguments())
                            .map(ApiText::text)
                            .collect(joining(", ", "<", ">"));
        }
        if (type instanceof AnnotatedWildcardType wildcard) {
            if (wildcard.getAnnotatedLowerBounds().length > 0) {
                return annotations + "? super " + text(wildcard.getAnnotatedLowerBounds()[0]);
            }
            String upper = Arrays.stream(wildcard.getAnnotatedUpperBounds())
                    .map(ApiText::text)
                    .collect(joining(" & "));
            return annotations + (upper.isEmpty() || upper.equals("java.lang.Object") ? "?" : "? extends " + upper);
        }
        return annotations + name(type.getType());
    }

    private static String name(Type type) {
        if (type instanceof GenericArrayType array) {
            return name(array.getGenericComponentType()) + "[]";
        }
        if (!(type instanceof Class<?> known)) {
            return type.getTypeName();
        }
        return known.getCanonicalName();
    }
}
