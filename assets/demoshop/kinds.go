package demoshop

import "strings"

// The pricing types of HQ (help page shopproduct).
const (
	byCount = iota
	byWeight
	byPieceAndWeight
)

// Classes of the embedded shop, by id.
const (
	fruit = iota + 1
	vegetables
	meat
	seafood
	grain
	seasoning
	dairy
	drinks
	snacks
	bakery
	alcohol
	household
)

// kind is a family of goods: how its names are made and what it costs.
type kind struct {
	class   int
	words   string // varieties, separated by blanks
	packs   string // what follows the variety: size, pack or grade; blank-separated
	unit    string
	pricing int
	low     int64  // fen
	high    int64  // fen, above low
	like    string // goods of the embedded shop that look like it
}

// Where the variety and the pack stand among the parts of a name.
const (
	varietySlot = 2
	packSlot    = 3
)

// nameParts are the four parts of a name in reading order: where it comes from
// or who makes it, what it claims, what it is, and how it is packed. A leading
// "-" in a list is the empty part.
func (k kind) nameParts() [4][]string {
	first, second := makers, claims
	switch k.class {
	case fruit, vegetables:
		first, second = origins, grades
	case meat:
		first, second = farms, grades
	case seafood:
		first, second = ports, grades
	}
	packs := k.packs
	if packs == "" {
		packs = looseSizes
	}
	return [4][]string{words(first), words(second), words(k.words), words(packs)}
}

func words(list string) []string {
	out := strings.Fields(list)
	for i, w := range out {
		if w == "-" {
			out[i] = ""
		}
	}
	return out
}

const (
	origins = "山东 云南 新疆 陕西 海南 广西 福建 四川 甘肃 宁夏 河北 辽宁 浙江 湖北 江西 内蒙古 " +
		"烟台 寿光 攀枝花 赣南 阿克苏 洛川 元谋 崇明 苍溪 蒙自 徐闻 漳州 丹东 库尔勒 金乡 定西 和田 百色 武鸣 昭通"
	farms = "青山牧场 草原 黑土地 太行 大别山 伊犁 锡林郭勒 盐池 文昌 清远 固始 宣威 金华 巴马 苏尼特 " +
		"科尔沁 秦川 鲁西 淮阳 三江源 祁连 呼伦贝尔 川西 皖南 湘西 赤峰 林芝 甘南 恩施 武夷 长白山 横断山 莱芜 涟源 藏香 大凉山"
	ports = "舟山 湛江 大连 威海 青岛 宁德 北海 连云港 阳江 东山 洪泽湖 千岛湖 太湖 鄱阳湖 查干湖 " +
		"荣成 乳山 獐子岛 象山 温岭 启东 盘锦 日照 汕尾 漳浦 霞浦 防城港 三沙 万宁 台山 梁子湖 微山湖 兴化 固城湖 丹江口 抚仙湖"
	grades     = "- 精选 特级 一级 有机 绿色 当季 产地直供"
	claims     = "- 经典 臻选 家庭装 尝鲜 传统 轻享 老字号"
	looseSizes = "- (大) (中) (小) (散装) (礼盒) (净菜) (现切)"
	melonSizes = "- (整个) (大果) (中果) (小果) (沙地) (现摘) (礼盒)"
	crownSizes = "(小果) (中果) (大果) (带叶) (现削) (特大) 两个装 礼盒"
	// makers are invented: the goods of a generated shop are nobody's.
	makers = "禾丰源 青篱 山田里 谷满仓 云上坊 江南里 秋实 田小满 老灶台 双桥 百味堂 春和 晨露 海岸线 麦香园 " +
		"家常乐 小井 知味斋 福满楼 绿野 悠然 北仓 东篱下 五谷园 牧云 半亩田 清溪 食养 拾光 满庭 安康 大河 " +
		"一品轩 润泽 桂花巷 南山居 稻花里 合家欢 好食光 味之源"
)

// shelves are the classes of a generated shop: one word for each kind of a
// group, in the group's order. Many goods want more classes than the twelve of
// the embedded shop.
var shelves = []struct {
	kinds []kind
	names string
}{
	{freshFruit, "苹果梨桃 热带水果 葡萄提子 葡萄提子 柑橘橙柚 苹果梨桃 苹果梨桃 西瓜甜瓜 西瓜甜瓜 热带水果 浆果樱桃 浆果樱桃 浆果樱桃 热带水果"},
	{freshVegetables, "根茎薯芋 根茎薯芋 茄果瓜豆 茄果瓜豆 茄果瓜豆 叶菜花菜 叶菜花菜 叶菜花菜 叶菜花菜 " +
		"茄果瓜豆 辣椒葱蒜 辣椒葱蒜 辣椒葱蒜 辣椒葱蒜 辣椒葱蒜 菌菇 根茎薯芋 根茎薯芋"},
	{freshMeat, "猪肉 猪肉 猪肉 牛羊肉 牛羊肉 牛羊肉 禽肉 禽肉 禽肉 蛋品 蛋品"},
	{freshSeafood, "鲜鱼 鲜鱼 虾蟹贝类 虾蟹贝类 虾蟹贝类 虾蟹贝类 虾蟹贝类 冷冻水产 冷冻水产"},
	{drySeasoning, "酱油醋料酒 酱油醋料酒 酱油醋料酒 酱油醋料酒 盐糖香料 盐糖香料 酱料酱菜 酱料酱菜 盐糖香料 酱料酱菜 盐糖香料"},
	{dryGrain, "大米杂粮 大米杂粮 大米杂粮 大米杂粮 食用油 食用油 面粉面条 面粉面条 方便食品"},
	{coldDairy, "牛奶 牛奶 酸奶奶酪 酸奶奶酪 奶粉 冰淇淋"},
	{coldDrinks, "水与汽水 水与汽水 茶饮料 果汁植物饮 茶饮料 果汁植物饮 咖啡茶叶 咖啡茶叶"},
	{drySnacks, "膨化饼干 膨化饼干 糖果巧克力 糖果巧克力 坚果炒货 坚果炒货 坚果炒货 蜜饯卤味 蜜饯卤味 蜜饯卤味"},
	{freshBakery, "面包糕点 面包糕点 面包糕点 面包糕点 面包糕点 速冻面点 面包糕点"},
	{shelfAlcohol, "啤酒 葡萄酒白酒 葡萄酒白酒 葡萄酒白酒 葡萄酒白酒"},
	{shelfHousehold, "纸品 纸品 洗涤清洁 洗涤清洁 个人护理 个人护理 个人护理 家居杂品 家居杂品"},
}

// class is a row of shop.json's classes.
type class struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	Sort int    `json:"sort"`
}

// allKinds are the kinds, each with the id of its class on the shelves.
func allKinds() (out []kind, shelf []int, classes []class) {
	ids := map[string]int{}
	for _, group := range shelves {
		names := words(group.names)
		for i, k := range group.kinds {
			if ids[names[i]] == 0 {
				ids[names[i]] = len(classes) + 1
				classes = append(classes, class{len(classes) + 1, names[i], len(classes) + 1})
			}
			out, shelf = append(out, k), append(shelf, ids[names[i]])
		}
	}
	return out, shelf, classes
}
