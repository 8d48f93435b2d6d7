package org.trufflebpf.launcher;

import java.util.List;
import java.util.Map;
import org.graalvm.launcher.AbstractLanguageLauncher;
import org.graalvm.options.OptionCategory;
import org.graalvm.polyglot.Context;

public final class EbpfLauncher extends AbstractLanguageLauncher {
    public static void main(String[] args) {
        new EbpfLauncher().launch(args);
    }

    @Override
    protected List<String> preprocessArguments(List<String> arguments, Map<String, String> options) {
        return arguments;
    }

    @Override
    protected void launch(Context.Builder builder) {
        try (Context context = builder.build()) {
            System.out.println(context.getEngine().getLanguages().keySet() + " " + context.getEngine().getImplementationName());
        }
    }

    @Override
    protected String getLanguageId() {
        return "ebpf";
    }

    @Override
    protected void printHelp(OptionCategory maxCategory) {
    }

    @Override
    protected VMType getDefaultVMType() {
        return VMType.JVM;
    }
}
