// One machine, written in TypeScript with the bindings that `cdktn get` makes from the provider's schema.
// The environment says what becomes of it: IMAGE, GPUS, and IMPORT with the id of a machine to take over.
import { App, TerraformStack } from "cdktn";
import { NovitaProvider } from "./.gen/providers/novita/provider";
import { GpuInstance } from "./.gen/providers/novita/gpu-instance";

const app = new App();
const stack = new TerraformStack(app, "machine");
new NovitaProvider(stack, "novita", { pollInterval: "20ms", maxRequestsPerMinute: 0 });
const machine = new GpuInstance(stack, "this", {
  name: "trainer",
  productId: "4090.16c62g",
  gpuNum: Number(process.env.GPUS ?? "1"),
  rootfsSize: 60,
  imageUrl: process.env.IMAGE ?? "docker.io/acme/trainer:1.4",
  ports: ["22/tcp", "8080/http"],
  envs: { MODE: "train" },
  timeouts: { create: "5m" },
});
if (process.env.IMPORT) {
  machine.importFrom(process.env.IMPORT);
}
app.synth();
