package dev.crossencoder.faults.agent;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.Listener.StreamWriting;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** The Java agent: parses its arguments, see {@link EngineFaults}, and installs the hooks. */
public final class EngineFaultsAgent {
  private static final String MODEL = "dev.crossencoder.model.";

  private EngineFaultsAgent() {}

  /**
   * Called by the JVM before the main class. An exception prevents the start of the JVM.
   *
   * @throws IllegalArgumentException if the arguments are invalid
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    Hooks.arm(EngineFaults.parse(arguments));
    AgentBuilder agent =
        new AgentBuilder.Default()
            .disableClassFormatChanges()
            .with(RedefinitionStrategy.RETRANSFORMATION)
            .with(StreamWriting.toSystemError().withErrorsOnly());
    agent =
        hook(
            agent,
            MODEL + "tokenizer.PairEncoder",
            // The overload that the other ones call.
            named("encode").and(takesArguments(4)),
            HookAdvice.Encode.class);
    agent = hook(agent, MODEL + "engine.PackedBatch", named("of"), HookAdvice.Pack.class);
    agent = hook(agent, MODEL + "engine.PackedBatch", named("part"), HookAdvice.Part.class);
    agent =
        hook(agent, MODEL + "engine.TorchScriptEngine", named("forward"), HookAdvice.Pass.class);
    agent = hook(agent, MODEL + "engine.OnnxEngine", named("forward"), HookAdvice.Pass.class);
    agent =
        hook(
            agent,
            "ai.djl.pytorch.engine.PtSymbolBlock",
            named("forwardInternal"),
            HookAdvice.Torch.class);
    agent =
        hook(
            agent,
            "ai.onnxruntime.OrtSession",
            // The overload that the other ones call.
            named("run").and(takesArguments(4)),
            HookAdvice.OnnxRuntime.class);
    agent =
        hook(
            agent,
            "org.apache.flink.connector.kafka.sink.internal.KafkaCommitter",
            named("commit"),
            HookAdvice.Commit.class);
    agent.installOn(instrumentation);
  }

  private static AgentBuilder hook(
      AgentBuilder agent,
      String type,
      ElementMatcher<? super MethodDescription> method,
      Class<?> advice) {
    return agent
        .type(named(type))
        .transform(
            (builder, description, loader, module, domain) ->
                builder.visit(Advice.to(advice).on(method)));
  }
}
